package org.gridgain.proto.live.model;

import java.math.BigDecimal;
import java.sql.Timestamp;
import java.util.UUID;

/** A flat object. */
public final class Person {
    public int id;
    public String name;
    public BigDecimal salary;
    public Timestamp created;
    public UUID token;
    public Color favourite;

    public Person(int id, String name, BigDecimal salary, Timestamp created, UUID token, Color favourite) {
        this.id = id;
        this.name = name;
        this.salary = salary;
        this.created = created;
        this.token = token;
        this.favourite = favourite;
    }
}

package org.gridgain.proto.live.model;

import java.sql.Time;
import java.util.Date;

/** Days and times of day. A java.sql.Date is no type of the protocol: Java writes it in its own way. */
public final class Calendar {
    public Date instant;
    public java.sql.Date day;
    public Time time;

    public Calendar(Date instant, java.sql.Date day, Time time) {
        this.instant = instant;
        this.day = day;
        this.time = time;
    }
}

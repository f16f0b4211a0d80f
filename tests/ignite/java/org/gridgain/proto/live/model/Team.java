package org.gridgain.proto.live.model;

import java.util.List;
import java.util.Map;

/** An object with objects inside: one in a field, some in a list and a map, one of them twice. */
public final class Team {
    public String title;
    public Person lead;
    public List<Person> members;
    public Map<String, Person> roles;

    public Team(String title, Person lead, List<Person> members, Map<String, Person> roles) {
        this.title = title;
        this.lead = lead;
        this.members = members;
        this.roles = roles;
    }
}

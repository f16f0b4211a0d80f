package org.gridgain.proto.live.model;

/** An object to be used as a key: its place in the cache hangs on the bytes of its fields. */
public final class PersonKey {
    public int department;
    public String login;

    public PersonKey(int department, String login) {
        this.department = department;
        this.login = login;
    }
}

package org.gridgain.proto.live.model;

/** An enumeration. */
public enum Color {
    RED,
    GREEN,
    BLUE
}

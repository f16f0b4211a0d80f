package org.gridgain.proto.live.model;

/** All primitive types, and arrays of them. */
public final class Primitives {
    public byte aByte = Byte.MIN_VALUE;
    public short aShort = Short.MAX_VALUE;
    public int anInt = Integer.MIN_VALUE;
    public long aLong = Long.MAX_VALUE;
    public float aFloat = 1.5f;
    public double aDouble = -2.25e100;
    public char aChar = 'ß';
    public boolean aBoolean = true;

    public byte[] bytes = {-128, 0, 127};
    public short[] shorts = {-32768, 0, 32767};
    public int[] ints = {Integer.MIN_VALUE, 0, Integer.MAX_VALUE};
    public long[] longs = {Long.MIN_VALUE, 0, Long.MAX_VALUE};
    public float[] floats = {-1.5f, 0f, 1.5f};
    public double[] doubles = {-2.25, 0, 2.25};
    public char[] chars = {'a', 'ß', '中'};
    public boolean[] booleans = {true, false};
}

package org.gridgain.proto.live.model;

import java.util.Arrays;
import org.apache.ignite.binary.BinaryObjectException;
import org.apache.ignite.binary.BinaryRawReader;
import org.apache.ignite.binary.BinaryRawWriter;
import org.apache.ignite.binary.BinaryReader;
import org.apache.ignite.binary.BinaryWriter;
import org.apache.ignite.binary.Binarylizable;

/** An object that writes itself: one named field, and data without names behind it. */
public final class Packed implements Binarylizable {
    private String label;
    private int number;
    private String text;
    private long[] longs;

    public Packed(String label, int number, String text, long... longs) {
        this.label = label;
        this.number = number;
        this.text = text;
        this.longs = longs;
    }

    @Override public void writeBinary(BinaryWriter writer) throws BinaryObjectException {
        writer.writeString("label", label);
        BinaryRawWriter raw = writer.rawWriter();
        raw.writeInt(number);
        raw.writeString(text);
        raw.writeLongArray(longs);
    }

    @Override public void readBinary(BinaryReader reader) throws BinaryObjectException {
        label = reader.readString("label");
        BinaryRawReader raw = reader.rawReader();
        number = raw.readInt();
        text = raw.readString();
        longs = raw.readLongArray();
    }

    @Override public String toString() {
        return "Packed{label=" + label + ", raw=[" + number + ", " + text + ", "
            + Arrays.toString(longs) + "]}";
    }
}

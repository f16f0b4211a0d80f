package org.gridgain.proto.live;

import java.io.PrintStream;
import java.lang.reflect.Array;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.sql.Time;
import java.sql.Timestamp;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Date;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import javax.cache.Cache;
import org.apache.ignite.Ignition;
import org.apache.ignite.binary.BinaryObject;
import org.apache.ignite.cache.query.ScanQuery;
import org.apache.ignite.client.ClientCache;
import org.apache.ignite.client.IgniteClient;
import org.apache.ignite.configuration.ClientConfiguration;
import org.gridgain.proto.live.model.Calendar;
import org.gridgain.proto.live.model.Color;
import org.gridgain.proto.live.model.Packed;
import org.gridgain.proto.live.model.Person;
import org.gridgain.proto.live.model.PersonKey;
import org.gridgain.proto.live.model.Primitives;
import org.gridgain.proto.live.model.Team;

/**
 * Objects from Java's hand, and a look at those from another client's.
 *
 * <p>{@code write HOST PORT CACHE} puts a sample of objects into a cache.
 *
 * <p>{@code check HOST PORT CACHE} reads a cache and prints a line {@code KEY: TYPE{field=value, …}} for
 * each entry. What stands under a sample's key must equal the sample; an absent one is no fault.
 * Entries under other keys are only printed.
 *
 * <p>The exit code is 0, 1 when an entry differs from its sample, 2 for any exception.
 */
public final class ObjectExchange {
    private static final PrintStream OUT = new PrintStream(System.out, true, StandardCharsets.UTF_8);

    private ObjectExchange() {
    }

    public static void main(String[] args) {
        int code;
        try {
            code = run(args);
        }
        catch (Throwable e) {
            e.printStackTrace();
            code = 2;
        }
        System.exit(code);
    }

    private static int run(String[] args) {
        if (args.length != 4)
            throw new IllegalArgumentException("usage: write|check HOST PORT CACHE");
        ClientConfiguration config = new ClientConfiguration().setAddresses(args[1] + ':' + args[2]);
        try (IgniteClient client = Ignition.startClient(config)) {
            ClientCache<Object, Object> cache = client.getOrCreateCache(args[3]);
            switch (args[0]) {
                case "write":
                    samples().forEach(cache::put);
                    return 0;
                case "check":
                    return check(client, cache.withKeepBinary()) ? 0 : 1;
                default:
                    throw new IllegalArgumentException("neither write nor check: " + args[0]);
            }
        }
    }

    /** Keys and values that both sides know. */
    private static Map<Object, Object> samples() {
        Person ann = new Person(
            1,
            "Ann Müller 中 😀",
            new BigDecimal("12345.67"),
            timestamp(1_709_210_096_123L, 123_456_789),
            new UUID(0x0011223344556677L, 0x8899aabbccddeeffL),
            Color.GREEN
        );
        Person bob = new Person(2, "Bob", new BigDecimal("-0.001"), timestamp(0, 0), new UUID(0, 1), Color.RED);
        Person nobody = new Person(3, null, null, null, null, null);

        Map<String, Person> roles = new LinkedHashMap<>();
        roles.put("driver", bob);
        roles.put("passenger", nobody);
        Map<Object, Object> map = new LinkedHashMap<>();
        map.put(1, "one");
        map.put("two", 2L);

        Map<Object, Object> samples = new LinkedHashMap<>();
        samples.put(1, ann);
        samples.put(2, new Team("Crew", ann, new ArrayList<>(List.of(ann, bob)), roles));
        samples.put(3, new Primitives());
        samples.put(4, new Calendar(
            new Date(1_709_210_096_123L), new java.sql.Date(1_709_164_800_000L), new Time(45_296_000L)));
        samples.put(5, new Packed("label", 42, "no names here", 1, 2, 3));
        samples.put(6, Color.BLUE);
        samples.put(7, new ArrayList<>(Arrays.asList(1, "two", null, bob)));
        samples.put(8, map);
        samples.put(9, nobody);
        samples.put(new PersonKey(7, "ann"), "by an object key");
        return samples;
    }

    private static Timestamp timestamp(long millis, int nanos) {
        Timestamp timestamp = new Timestamp(millis);
        timestamp.setNanos(nanos);
        return timestamp;
    }

    private static boolean check(IgniteClient client, ClientCache<Object, Object> cache) {
        boolean same = true;
        Set<String> seen = new HashSet<>();
        for (Map.Entry<Object, Object> sample : samples().entrySet()) {
            Object key = client.binary().toBinary(sample.getKey());
            // By key, not from a scan: an object key is found only if its hash is Java's.
            Object value = cache.get(key);
            String expected = text(client.binary().toBinary(sample.getValue()));
            String found = value == null ? "absent" : text(value);
            seen.add(text(key));
            OUT.println(text(key) + ": " + found);
            if (value != null && !found.equals(expected)) {
                OUT.println(text(key) + " should be: " + expected);
                same = false;
            }
        }
        Map<String, String> others = new TreeMap<>();
        for (Cache.Entry<Object, Object> entry : cache.query(new ScanQuery<>()).getAll()) {
            String key = text(entry.getKey());
            if (!seen.contains(key))
                others.put(key, text(entry.getValue()));
        }
        others.forEach((key, value) -> OUT.println(key + ": " + value));
        return same;
    }

    /** One line for any value, the same for equal ones. */
    private static String text(Object value) {
        if (value instanceof BinaryObject)
            return textOfObject((BinaryObject)value);
        if (value instanceof Timestamp)
            return ((Timestamp)value).toInstant().toString();
        if (value instanceof Date)
            return value.getClass().getName() + '@' + ((Date)value).getTime();
        if (value instanceof Map) {
            List<String> entries = new ArrayList<>();
            ((Map<?, ?>)value).forEach((key, item) -> entries.add(text(key) + '=' + text(item)));
            entries.sort(null); // each kind of map has an order of its own
            return '{' + String.join(", ", entries) + '}';
        }
        if (value instanceof Collection)
            return text(((Collection<?>)value).toArray());
        if (value != null && value.getClass().isArray()) {
            List<String> items = new ArrayList<>();
            for (int i = 0; i < Array.getLength(value); i++)
                items.add(text(Array.get(value, i)));
            return '[' + String.join(", ", items) + ']';
        }
        return String.valueOf(value);
    }

    private static String textOfObject(BinaryObject object) {
        if (object.type().isEnum())
            return object.enumName();
        String type = object.type().typeName();
        if (type.equals(Packed.class.getName()))
            return object.deserialize().toString(); // what has no names, only the class can read
        List<String> fields = new ArrayList<>();
        for (String name : object.type().fieldNames().stream().sorted().toList())
            fields.add(name + '=' + text(object.field(name)));
        return type.substring(type.lastIndexOf('.') + 1) + '{' + String.join(", ", fields) + '}';
    }
}

import java.io.BufferedReader;
import java.io.FileInputStream;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.lang.management.ManagementFactory;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.security.KeyStore;
import java.security.cert.CertificateFactory;
import java.sql.Timestamp;
import java.time.LocalDateTime;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.cache.Cache;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.apache.ignite.Ignition;
import org.apache.ignite.cache.query.FieldsQueryCursor;
import org.apache.ignite.cache.query.QueryCursor;
import org.apache.ignite.cache.query.ScanQuery;
import org.apache.ignite.cache.query.SqlFieldsQuery;
import org.apache.ignite.client.ClientCache;
import org.apache.ignite.client.ClientTransaction;
import org.apache.ignite.client.IgniteClient;
import org.apache.ignite.client.SslMode;
import org.apache.ignite.configuration.ClientConfiguration;
import org.apache.ignite.transactions.TransactionConcurrency;
import org.apache.ignite.transactions.TransactionIsolation;

/**
 * Runs the turns of Apache Ignite's Java thin client; what {@code benchmarks/compare/worker} is in Python, with the
 * same values (data.py), the same messages (protocol.py) and the same buckets (histogram.py).
 *
 * <p>{@code java ThinClientWorker sync} has one thread for each caller; {@code async} has as many calls on their way,
 * of which each end begins the next one.
 */
public final class ThinClientWorker {
    private static final int PAGE = 1024;
    private static final long KEY = 7;
    private static final int KEYS = 1000;
    private static final long TX_TIMEOUT = 10_000;
    private static final double WIDTH = Math.log(1.01);
    private static final Pattern MEMBER = Pattern.compile("\"(\\w+)\": (?:\"([^\"]*)\"|([^,}]+))");

    private ThinClientWorker() {
    }

    /** A call that is measured. */
    private interface Call {
        void run() throws Exception;
    }

    public static void main(String[] args) throws Exception {
        PrintStream answers = new PrintStream(System.out, true, StandardCharsets.UTF_8);
        System.setOut(System.err); // what else is printed is not to get between the answers
        boolean async = args[0].equals("async");
        BufferedReader turns = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String line = turns.readLine(); line != null; line = turns.readLine()) {
            String answer;
            try {
                answer = run(new Turn(line), async);
            }
            catch (Throwable e) {
                String message = String.valueOf(e).replace('\\', '/').replace('"', '\'').replaceAll("\\s+", " ");
                answer = "{\"error\": \"" + message + "\"}";
            }
            answers.println(answer);
        }
        System.exit(0);
    }

    private static String run(Turn turn, boolean async) throws Exception {
        try (IgniteClient client = Ignition.startClient(configuration(turn))) {
            Operations first = new Operations(client, turn, 0);
            if (turn.check)
                first.check(turn.operation);
            Measurement measurement = new Measurement(turn);
            if (async)
                pipelined(measurement, client, turn);
            else if (turn.callers == 1)
                measurement.repeat(first.call(turn.operation));
            else
                inThreads(measurement, client, turn);
            return measurement.answer();
        }
    }

    private static ClientConfiguration configuration(Turn turn) throws Exception {
        ClientConfiguration config = new ClientConfiguration()
            .setAddresses(turn.addresses.split(","))
            // Ends of calls begin the next ones: on the thread that reads, without a detour over a pool.
            .setAsyncContinuationExecutor(Runnable::run);
        if (!turn.aware.isEmpty())
            config.setPartitionAwarenessEnabled(turn.aware.equals("yes"));
        if (!turn.ca.isEmpty()) {
            SSLContext context = trusting(turn.ca);
            config.setSslMode(SslMode.REQUIRED).setSslContextFactory(() -> context);
        }
        return config;
    }

    private static SSLContext trusting(String authority) throws Exception {
        KeyStore store = KeyStore.getInstance("PKCS12");
        store.load(null, null);
        try (FileInputStream file = new FileInputStream(authority)) {
            store.setCertificateEntry("authority", CertificateFactory.getInstance("X.509").generateCertificate(file));
        }
        TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        trust.init(store);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(null, trust.getTrustManagers(), null);
        return context;
    }

    private static void inThreads(Measurement measurement, IgniteClient client, Turn turn) throws Exception {
        List<Throwable> failures = new ArrayList<>();
        List<Thread> threads = new ArrayList<>();
        for (int number = 0; number < turn.callers; number++) {
            Call call = new Operations(client, turn, number).call(turn.operation);
            threads.add(new Thread(() -> {
                try {
                    measurement.repeat(call);
                }
                catch (Throwable e) {
                    synchronized (failures) {
                        failures.add(e);
                    }
                }
            }));
        }
        for (Thread thread : threads)
            thread.start();
        for (Thread thread : threads)
            thread.join();
        if (!failures.isEmpty())
            throw new Exception(failures.get(0));
    }

    private static void pipelined(Measurement measurement, IgniteClient client, Turn turn) throws Exception {
        if (!turn.operation.equals("get"))
            throw new UnsupportedOperationException(turn.operation + " is not measured by the asynchronous API");
        ClientCache<Long, String> cache = client.cache(entriesCache(turn.rows));
        List<Chain> chains = new ArrayList<>();
        for (int number = 0; number < turn.callers; number++)
            chains.add(new Chain(measurement, cache));
        for (Chain chain : chains)
            chain.next();
        for (Chain chain : chains)
            chain.await();
    }

    /** One caller of the asynchronous API: the end of a call begins the next one. */
    private static final class Chain {
        private final Measurement measurement;
        private final ClientCache<Long, String> cache;
        private final Latencies latencies = new Latencies();
        private final CountDownLatch over = new CountDownLatch(1);
        private long end;
        private long last;
        private volatile Throwable failure;

        Chain(Measurement measurement, ClientCache<Long, String> cache) {
            this.measurement = measurement;
            this.cache = cache;
        }

        void next() {
            cache.getAsync(KEY).whenComplete((value, error) -> {
                if (error != null || !text((int)KEY).equals(value)) {
                    failure = error == null ? new IllegalStateException("wrong value: " + value) : error;
                    over.countDown();
                    return;
                }
                long now = System.nanoTime();
                if (end != 0) {
                    latencies.add(now - last);
                    if (now >= end) {
                        measurement.end(latencies, now);
                        over.countDown();
                        return;
                    }
                }
                else if (last == 0)
                    measurement.cold.decrementAndGet();
                else if (!measurement.isWarmingUp(now)) {
                    if (measurement.onlyWarm) {
                        over.countDown();
                        return;
                    }
                    end = measurement.begin(now);
                }
                last = now;
                next();
            });
        }

        void await() throws Exception {
            over.await();
            if (failure != null)
                throw new Exception(failure);
        }
    }

    /** The calls of one caller. */
    private static final class Operations {
        private final IgniteClient client;
        private final int rows;
        private final Map<Long, String> many = new LinkedHashMap<>();
        private final Set<Long> keys;
        private final String statement;
        private final ClientCache<Long, String> entries;
        private final ClientCache<Long, String> writes;
        private final ClientCache<Long, Five> objects;
        private final ClientCache<Long, Five> writtenObjects;
        private final ClientCache<Long, String> transactional;
        private long key;

        Operations(IgniteClient client, Turn turn, int caller) {
            this.client = client;
            rows = turn.rows;
            key = caller;
            if (turn.operation.equals("get_all") || turn.operation.equals("put_all")) {
                for (int number = 0; number < rows; number++)
                    many.put((long)number, text(number));
            }
            keys = many.keySet();
            statement = "SELECT id, label, amount, moment, ratio FROM BENCH WHERE id < " + rows;
            entries = client.cache(entriesCache(rows));
            writes = client.cache("writes");
            objects = client.cache("objects");
            writtenObjects = client.cache("written-objects");
            transactional = client.cache("transactional");
        }

        Call call(String name) {
            switch (name) {
                case "get":
                    return () -> entries.get(KEY);
                case "get_around":
                    return this::getAround;
                case "put":
                    return () -> writes.put(KEY, text((int)KEY));
                case "get_all":
                    return () -> entries.getAll(keys);
                case "put_all":
                    return () -> writes.putAll(many);
                case "scan":
                    return this::scan;
                case "sql":
                    return this::sql;
                case "get_object":
                    return () -> expect(objects.get(KEY).e, KEY << 20);
                case "put_object":
                    return () -> writtenObjects.put(KEY, new Five((int)KEY));
                case "scan_objects":
                    return this::scanObjects;
                case "transaction":
                    return this::transaction;
                default:
                    throw new UnsupportedOperationException(name);
            }
        }

        private String getAround() {
            key = (key * 31 + 7) % KEYS;
            return entries.get(key);
        }

        private void scan() {
            int read = 0;
            try (QueryCursor<Cache.Entry<Long, String>> cursor = entries.query(entryQuery())) {
                for (Cache.Entry<Long, String> entry : cursor) {
                    Objects.requireNonNull(entry.getValue());
                    read++;
                }
            }
            expect(read, rows);
        }

        private void sql() {
            int read = 0;
            try (FieldsQueryCursor<List<?>> cursor = client.query(rowQuery())) {
                for (List<?> row : cursor) {
                    Objects.requireNonNull(row);
                    read++;
                }
            }
            expect(read, rows);
        }

        private void scanObjects() {
            long sum = 0;
            long expected = 0;
            for (int number = 0; number < rows; number++)
                expected += (long)number << 20;
            try (QueryCursor<Cache.Entry<Long, Five>> cursor = objects.query(entryQuery())) {
                for (Cache.Entry<Long, Five> entry : cursor)
                    sum += entry.getValue().e;
            }
            expect(sum, expected);
        }

        private void transaction() {
            try (ClientTransaction tx = client.transactions().txStart(
                TransactionConcurrency.PESSIMISTIC, TransactionIsolation.REPEATABLE_READ, TX_TIMEOUT)) {
                transactional.put(1L, text(1));
                transactional.put(2L, text(2));
                tx.commit();
            }
        }

        void check(String name) throws Exception {
            switch (name) {
                case "get":
                    expect(entries.get(KEY), text((int)KEY));
                    return;
                case "get_around":
                    for (int i = 0; i < 50; i++)
                        expect(getAround(), text((int)key));
                    return;
                case "put":
                    writes.remove(KEY);
                    call(name).run();
                    expect(writes.get(KEY), text((int)KEY));
                    return;
                case "get_all":
                    expect(entries.getAll(keys), many);
                    return;
                case "put_all":
                    writes.removeAll(keys);
                    call(name).run();
                    expect(writes.getAll(keys), many);
                    return;
                case "scan":
                    checkScan();
                    return;
                case "sql":
                    checkSql();
                    return;
                case "get_object":
                    expect(objects.get(KEY), new Five((int)KEY));
                    return;
                case "put_object":
                    writtenObjects.remove(KEY);
                    call(name).run();
                    expect(writtenObjects.get(KEY), new Five((int)KEY));
                    return;
                case "scan_objects":
                    checkScanObjects();
                    return;
                case "transaction":
                    transactional.removeAll(Set.of(1L, 2L));
                    transaction();
                    expect(transactional.getAll(Set.of(1L, 2L)), Map.of(1L, text(1), 2L, text(2)));
                    return;
                default:
                    throw new UnsupportedOperationException(name);
            }
        }

        private void checkScan() {
            Map<Long, String> found = new HashMap<>();
            try (QueryCursor<Cache.Entry<Long, String>> cursor = entries.query(entryQuery())) {
                for (Cache.Entry<Long, String> entry : cursor)
                    found.put(entry.getKey(), entry.getValue());
            }
            Map<Long, String> expected = new HashMap<>();
            for (int number = 0; number < rows; number++)
                expected.put((long)number, text(number));
            expect(found, expected);
        }

        private void checkSql() {
            Map<Object, List<?>> found = new TreeMap<>();
            try (FieldsQueryCursor<List<?>> cursor = client.query(rowQuery())) {
                for (List<?> row : cursor)
                    found.put(row.get(0), row);
            }
            expect(found.size(), rows);
            LocalDateTime start = LocalDateTime.of(2024, 1, 1, 0, 0);
            for (int number = 0; number < rows; number++) {
                List<?> row = found.get((long)number);
                expect(row, Arrays.asList((long)number, text(number), BigDecimal.valueOf(number * 7L + 12345, 2),
                    Timestamp.valueOf(start.plusSeconds(number)), number / 4.0));
            }
        }

        private void checkScanObjects() {
            Map<Long, Five> found = new HashMap<>();
            try (QueryCursor<Cache.Entry<Long, Five>> cursor = objects.query(entryQuery())) {
                for (Cache.Entry<Long, Five> entry : cursor)
                    found.put(entry.getKey(), entry.getValue());
            }
            expect(found.size(), rows);
            for (int number = 0; number < rows; number++)
                expect(found.get((long)number), new Five(number));
        }

        private static <V> ScanQuery<Long, V> entryQuery() {
            ScanQuery<Long, V> query = new ScanQuery<>();
            query.setPageSize(PAGE);
            return query;
        }

        private SqlFieldsQuery rowQuery() {
            return new SqlFieldsQuery(statement).setPageSize(PAGE).setSchema("PUBLIC");
        }
    }

    private static void expect(Object answer, Object expected) {
        if (!expected.equals(answer))
            throw new IllegalStateException(shortened(answer) + " instead of " + shortened(expected));
    }

    private static String shortened(Object value) {
        String text = String.valueOf(value);
        return text.length() > 200 ? text.substring(0, 200) : text;
    }

    private static String entriesCache(int rows) {
        return "entries-" + Math.max(rows, KEYS);
    }

    static String text(int number) {
        // String.format is slow, and this is within what is measured of put.
        String digits = Integer.toString(number);
        return "value-" + "0".repeat(14 - digits.length()) + digits;
    }

    /** What is to be done. */
    private static final class Turn {
        final String operation;
        final int rows;
        final int callers;
        final String addresses;
        final String ca;
        final String aware;
        final double warmUp;
        final double seconds;
        final boolean check;

        Turn(String line) {
            Map<String, String> members = new HashMap<>();
            Matcher matcher = MEMBER.matcher(line);
            while (matcher.find())
                members.put(matcher.group(1), matcher.group(2) == null ? matcher.group(3) : matcher.group(2));
            operation = members.get("operation");
            rows = Integer.parseInt(members.get("rows"));
            callers = Integer.parseInt(members.get("callers"));
            addresses = members.get("addresses");
            ca = members.get("ca");
            aware = members.get("aware");
            warmUp = Double.parseDouble(members.get("warm_up"));
            seconds = Double.parseDouble(members.get("seconds"));
            check = Boolean.parseBoolean(members.get("check"));
        }
    }

    /** What one caller has measured, in nanoseconds. */
    private static final class Latencies {
        private long[] nanos = new long[1024];
        private int size;

        void add(long latency) {
            if (size == nanos.length)
                nanos = Arrays.copyOf(nanos, 2 * size);
            nanos[size++] = latency;
        }
    }

    /** What all callers of one turn have measured. */
    private static final class Measurement {
        final AtomicInteger cold;
        final long nanos;
        final boolean onlyWarm;
        private final long warm;
        private final List<Latencies> callers = new ArrayList<>();
        private long began;
        private long ended;
        private long cpuBefore;
        private long cpuAfter;

        Measurement(Turn turn) {
            cold = new AtomicInteger(turn.warmUp > 0 ? turn.callers : 0);
            warm = System.nanoTime() + (long)(turn.warmUp * 1e9);
            nanos = (long)(turn.seconds * 1e9);
            onlyWarm = turn.check;
        }

        void repeat(Call call) throws Exception {
            if (cold.get() > 0) {
                try {
                    call.run();
                }
                finally {
                    cold.decrementAndGet();
                }
            }
            while (isWarmingUp(System.nanoTime()))
                call.run();
            if (onlyWarm)
                return;
            Latencies latencies = new Latencies();
            long last = System.nanoTime();
            long end = begin(last);
            do {
                call.run();
                long now = System.nanoTime();
                latencies.add(now - last);
                last = now;
            }
            while (last < end);
            end(latencies, last);
        }

        boolean isWarmingUp(long now) {
            return cold.get() > 0 || now < warm;
        }

        /** The first caller begins for all; gives the time at which all end. */
        synchronized long begin(long now) {
            if (began == 0) {
                began = now;
                cpuBefore = cpu();
            }
            return began + nanos;
        }

        synchronized void end(Latencies latencies, long last) {
            cpuAfter = cpu();
            ended = Math.max(ended, last);
            callers.add(latencies);
        }

        private static long cpu() {
            return ((com.sun.management.OperatingSystemMXBean)ManagementFactory.getOperatingSystemMXBean())
                .getProcessCpuTime();
        }

        synchronized String answer() {
            Map<Long, Long> histogram = new TreeMap<>();
            long calls = 0;
            for (Latencies latencies : callers) {
                calls += latencies.size;
                for (int i = 0; i < latencies.size; i++)
                    histogram.merge(Math.round(Math.log(Math.max(latencies.nanos[i], 1)) / WIDTH), 1L, Long::sum);
            }
            StringBuilder counts = new StringBuilder();
            histogram.forEach((bucket, count) ->
                counts.append(counts.length() == 0 ? "" : ", ").append('"').append(bucket).append("\": ").append(count));
            if (calls == 0)
                return "{\"calls\": 0, \"rate\": 0, \"cpu\": 0, \"histogram\": {}}";
            return "{\"calls\": " + calls + ", \"rate\": " + calls * 1e9 / (ended - began) + ", \"cpu\": "
                + (cpuAfter - cpuBefore) / 1e9 / calls + ", \"histogram\": {" + counts + "}}";
        }
    }
}

/** The complex objects' type. */
final class Five {
    final int a;
    final String b;
    final double c;
    final boolean d;
    final long e;

    Five(int number) {
        a = number;
        b = ThinClientWorker.text(number);
        c = number * 0.5;
        d = number % 2 == 0;
        e = (long)number << 20;
    }

    @Override public boolean equals(Object other) {
        return other instanceof Five && toString().equals(other.toString());
    }

    @Override public int hashCode() {
        return a;
    }

    @Override public String toString() {
        return a + " " + b + " " + c + " " + d + " " + e;
    }
}

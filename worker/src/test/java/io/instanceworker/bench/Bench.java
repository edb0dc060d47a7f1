package io.instanceworker.bench;

import io.instanceworker.testing.Login;
import io.instanceworker.testing.PostgresServer;
import io.instanceworker.testing.RabbitMqServer;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.function.Supplier;

/** Measures the worker against the servers alone, and says which goals are met. */
public final class Bench {

    /** By the names that {@code --only} takes, in the order in which they run. */
    static final Map<String, Supplier<Measurement>> MEASUREMENTS = new LinkedHashMap<>();

    static {
        MEASUREMENTS.put("start", StartMeasurement::new);
        MEASUREMENTS.put("query", QueryMeasurement::new);
        MEASUREMENTS.put("one-add", SingleAddMeasurement::new);
        MEASUREMENTS.put("adds", AddMeasurement::new);
        MEASUREMENTS.put("copy", CopyMeasurement::new);
        MEASUREMENTS.put("takeover", TakeoverMeasurement::new);
        MEASUREMENTS.put("journal", JournalMeasurement::new);
    }

    private static final int GOALS_NOT_MET = 1;
    private static final int WRONG_USE = 2;
    private static final int BROKE_OFF = 3;

    private static volatile boolean ending;

    private final Options options;
    private final PrintStream out;
    private final Findings findings;

    private Bench(Options options, PrintStream out) {
        this.options = options;
        this.out = out;
        this.findings = new Findings(out);
    }

    /** Run by {@code deploy/local/bench}. */
    public static void main(String[] arguments) {
        PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
        muteAtEnd();
        // What fixtures and libraries print is for the tests.
        System.setOut(new PrintStream(OutputStream.nullOutputStream()));
        System.exit(run(out, arguments));
    }

    /** After Ctrl-C whatever is under way fails, and has a lot to say about it. */
    private static void muteAtEnd() {
        Runtime.getRuntime().addShutdownHook(new Thread(() -> {
            ending = true;
            System.setErr(new PrintStream(OutputStream.nullOutputStream()));
        }));
    }

    /** While shutdown hooks end servers and workers, nothing more is started, printed or written. */
    private static void stopIfEnding() throws InterruptedException {
        if (ending) {
            new CountDownLatch(1).await();
        }
    }

    private static int run(PrintStream out, String... arguments) {
        try {
            Options options = Options.parse(arguments);
            Path from = options.from;
            if (from != null) {
                PerformancePage.write(Report.read(from), options.root);
                return 0;
            }
            return new Bench(options, out).run();
        } catch (IllegalArgumentException e) {
            System.err.println("bench: " + e.getMessage());
            return WRONG_USE;
        } catch (InterruptedException | IOException | SQLException | RuntimeException e) {
            System.err.println("bench: it could not go on: " + e);
            return BROKE_OFF;
        }
    }

    private int run() throws InterruptedException, IOException, SQLException {
        long start = System.nanoTime();
        Report report;
        try (ProgramFolder folder = ProgramFolder.copy(options.root.resolve("worker/target/instance-worker.jar"))) {
            Map<String, String> header = header(folder);
            try (RabbitMqServer rabbit = RabbitMqServer.startOwn();
                    PostgresServer postgres = PostgresServer.startOwn(options.postgres, options.postgresSettings)) {
                header.put("RabbitMQ", rabbit.version());
                header.put("PostgreSQL", postgres.version() + ", " + options.postgresSettings);
                header.forEach((name, value) -> out.println(name + ": " + value));
                Login login = Site.prepare(postgres);
                Site.WorkerProgram program = new Site.WorkerProgram(folder.jar(), folder.path(), options.javaOptions);
                measureAll(new Run(rabbit, postgres, login, program, options, findings));
            }
            header.put("took", (System.nanoTime() - start) / 1_000_000_000 + " s");
            report = new Report(header, findings.rows(), findings.series(), findings.notes());
            folder.keepIf(findings.anyFailed());
        }
        return finish(report);
    }

    private void measureAll(Run run) throws InterruptedException {
        for (Map.Entry<String, Supplier<Measurement>> each : MEASUREMENTS.entrySet()) {
            String name = each.getKey();
            if (options.includes(name)) {
                out.println();
                out.println(name);
                try {
                    each.getValue().get().measure(run);
                } catch (Exception e) {
                    stopIfEnding();
                    findings.failed(name, e);
                }
            }
        }
    }

    private Map<String, String> header(ProgramFolder folder) throws IOException {
        Map<String, String> header = new LinkedHashMap<>();
        header.put("worker", "commit " + options.commit);
        header.put("form", (options.isShort ? "short " : "full ") + options.sizes);
        header.put("time", Instant.now().truncatedTo(ChronoUnit.SECONDS).toString());
        header.putAll(Machine.describe(folder.path()));
        header.put(
                "worker's JVM options", options.javaOptions.isEmpty() ? "none" : String.join(" ", options.javaOptions));
        return header;
    }

    private int finish(Report report) throws IOException {
        out.println();
        out.print(Table.forTerminal(report.rows()));
        out.println();
        report.notes().forEach(note -> out.println("Note: " + note));
        long unmet = report.unmetGoals();
        out.println(report.goals() - unmet + " of " + report.goals() + " goals met, in "
                + report.header().get("took"));
        Path json = options.json == null ? options.root.resolve("worker/target/bench.json") : options.json;
        report.write(json);
        out.println("JSON: " + json);
        if (options.docs) {
            PerformancePage.write(report, options.root);
        }
        if (findings.anyFailed()) {
            return BROKE_OFF;
        }
        return options.check && unmet > 0 ? GOALS_NOT_MET : 0;
    }
}

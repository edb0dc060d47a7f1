package io.instanceworker.demo;

import io.instanceworker.demo.Terminal.Style;
import io.instanceworker.testing.PostgresServer;
import io.instanceworker.testing.RabbitMqServer;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.sql.SQLException;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeoutException;

/** The main job for real: starts the servers and the worker, sends jobs, and says whether every answer was right. */
public final class Demo {

    private static final int INTERRUPTED = 130;

    private final Options options;
    private final Terminal terminal;
    private final Lifeline lifeline;
    private final Optional<SqlServerScenario> sqlServer = SqlServerScenario.given();

    private Demo(Options options, Terminal terminal, Lifeline lifeline) {
        this.options = options;
        this.terminal = terminal;
        this.lifeline = lifeline;
    }

    /** Run by {@code deploy/local/demo}, which knows the arguments. */
    public static void main(String[] arguments) {
        Options options = Options.parse(arguments);
        Terminal terminal = Terminal.ofThisProcess(options.colour());
        // What fixtures and libraries have to say is for the tests.
        PrintStream nowhere = new PrintStream(OutputStream.nullOutputStream());
        System.setOut(nowhere);
        Lifeline lifeline = Lifeline.watch(System.in, () -> {
            // Whatever is under way now fails, and has a lot to say about it.
            terminal.mute();
            System.setErr(nowhere);
            awaitInitdb();
            System.exit(INTERRUPTED);
        });
        System.exit(new Demo(options, terminal, lifeline).run());
    }

    /** The only child that must not be ended in the middle: it would leave shared memory behind. */
    private static void awaitInitdb() {
        ProcessHandle.current()
                .descendants()
                .filter(child -> child.info().command().orElse("").endsWith("/initdb"))
                .forEach(initdb -> initdb.onExit().join());
    }

    private int run() {
        try {
            return play();
        } catch (InterruptedException e) {
            return INTERRUPTED;
        } catch (IOException | SQLException | TimeoutException | RuntimeException e) {
            terminal.blank();
            terminal.line(terminal.styled(Style.WRONG, "The demo could not go on: ") + e.getMessage());
            return 1;
        }
    }

    private int play() throws InterruptedException, IOException, SQLException, TimeoutException {
        long start = System.nanoTime();
        terminal.print("Starting RabbitMQ, PostgreSQL " + options.postgres() + " and the worker ... ");
        // Side by side: either takes some seconds.
        CompletableFuture<RabbitMqServer> startingRabbit = CompletableFuture.supplyAsync(RabbitMqServer::startOwn);
        CompletableFuture<Databases> startingPostgres = CompletableFuture.supplyAsync(this::startPostgres);
        try (RabbitMqServer rabbit = startingRabbit.join();
                PostgresServer postgres = startingPostgres.join().server()) {
            Broker broker = new Broker(rabbit, "/");
            Databases databases = startingPostgres.join();
            try (Worker worker = Worker.start(options.jar(), options.folder(), settings(broker, databases))) {
                worker.awaitReady();
                terminal.line(seconds(start));
                terminal.line("RabbitMQ " + rabbit.version() + " · PostgreSQL " + postgres.version()
                        + " · a login that may only create databases");
                terminal.line(
                        sqlServer.isPresent()
                                ? "and the SQL Server of TEST_SQLSERVER_URL"
                                : "Without SQL Server: TEST_SQLSERVER_URL names none.");
                int wrong = play(broker, databases, worker);
                lifeline.endsByItself();
                return wrong == 0 ? 0 : 1;
            }
        }
    }

    private Databases startPostgres() {
        try {
            return Databases.prepare(PostgresServer.startOwn(options.postgres(), Map.of()));
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    private Map<String, String> settings(Broker broker, Databases databases) {
        Map<String, String> settings = new LinkedHashMap<>(broker.workerSettings());
        String server = "instance-worker.servers.default.";
        settings.put(server + "platform", "postgresql");
        settings.put(server + "url", databases.server().jdbcUrl("postgres"));
        settings.put(server + "username", databases.worker().username());
        settings.put(server + "password", databases.worker().password());
        settings.put(server + "templates.Minimal", Databases.MINIMAL);
        settings.put(server + "templates.Populated", Databases.POPULATED);
        settings.put(server + "default-template", "Minimal");
        settings.put(server + "connection-string", "host={host};port={port};database={database}");
        sqlServer.ifPresent(given -> settings.putAll(given.workerSettings()));
        return settings;
    }

    private int play(Broker broker, Databases databases, Worker worker)
            throws InterruptedException, IOException, SQLException, TimeoutException {
        long start = System.nanoTime();
        Timeline timeline = new Timeline(terminal);
        try (Events events = Events.subscribe(broker)) {
            Desk desk = new Desk(broker, events, timeline);
            terminal.blank();
            timeline.header();
            new Scenario(desk, databases).play();
            if (sqlServer.isPresent()) {
                sqlServer.orElseThrow().play(desk);
            }
            desk.checkQueues();
            summarize(desk, worker, seconds(start));
            if (options.keep()) {
                keep(broker, databases, worker, events, timeline);
            }
            return desk.wrong();
        }
    }

    private void summarize(Desk desk, Worker worker, String took) {
        int all = desk.right() + desk.wrong();
        if (desk.wrong() == 0) {
            terminal.line(terminal.styled(Style.RIGHT, "All " + all + " answers were right") + ", in " + took + ".");
        } else {
            terminal.line("The worker's last words:");
            terminal.line(worker.lastWords());
            terminal.blank();
            terminal.line(terminal.styled(Style.WRONG, desk.wrong() + " of " + all + " answers were wrong")
                    + ", marked ✗ above.");
        }
    }

    private void keep(Broker broker, Databases databases, Worker worker, Events events, Timeline timeline)
            throws InterruptedException {
        lifeline.endsByItself();
        new Invitation(terminal, broker, databases, worker).print();
        timeline.header();
        while (!lifeline.isCut()) {
            show(events, timeline);
        }
    }

    /** A person may publish anything, so what comes back is shown and not judged. */
    private static void show(Events events, Timeline timeline) throws InterruptedException {
        try {
            Received received = events.next(Lifeline.GLANCE);
            if (received != null) {
                timeline.arrived(received);
            }
        } catch (IllegalArgumentException e) {
            timeline.wrong(String.valueOf(e.getMessage()));
        }
    }

    private static String seconds(long start) {
        return String.format(Locale.ROOT, "%.1f s", (System.nanoTime() - start) / 1e9);
    }
}

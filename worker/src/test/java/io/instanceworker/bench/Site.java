package io.instanceworker.bench;

import io.instanceworker.testing.Login;
import io.instanceworker.testing.PostgresServer;
import io.instanceworker.testing.RabbitMqServer;
import io.instanceworker.testing.VirtualHost;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;

/** One database server and one virtual host of the broker, and the workers that use both. Closing it ends them. */
final class Site implements AutoCloseable {

    /** The database of a few rows that Adds are made from. */
    static final String SMALL = "bench_small_template";

    /** The large database that is copied. */
    static final String BIG = "bench_big";

    private static final String ROLE = "instance_worker";

    private final VirtualHost host;
    private final BenchDatabases databases;
    private final Login login;
    private final PostgresServer server;
    private final WorkerProgram program;
    private final List<MeasuredWorker> workers = new ArrayList<>();

    private Site(VirtualHost host, PostgresServer server, Login login, WorkerProgram program) {
        this.host = host;
        this.server = server;
        this.login = login;
        this.program = program;
        this.databases = new BenchDatabases(server, login);
    }

    /** What starts a worker: the packaged jar. */
    record WorkerProgram(Path jar, Path logs, List<String> javaOptions) {}

    /** Prepares a server that was just started. */
    static Login prepare(PostgresServer server) throws SQLException {
        Login login = server.createRole(ROLE);
        new BenchDatabases(server, login).createSmallTemplate(SMALL);
        return login;
    }

    static Site open(RabbitMqServer rabbit, PostgresServer server, Login login, WorkerProgram program) {
        return new Site(rabbit.createVirtualHost("bench"), server, login, program);
    }

    VirtualHost host() {
        return host;
    }

    PostgresServer server() {
        return server;
    }

    Login login() {
        return login;
    }

    BenchDatabases databases() {
        return databases;
    }

    BenchSettings settings() {
        return new BenchSettings(host, server, login);
    }

    /** Called by the main thread: the kernel ends the worker with the thread that started it. */
    MeasuredWorker start(BenchSettings settings) {
        MeasuredWorker worker = MeasuredWorker.start(program, settings);
        workers.add(worker);
        return worker;
    }

    @Override
    public void close() {
        workers.forEach(MeasuredWorker::close);
        host.close();
        databases.dropAll();
    }
}

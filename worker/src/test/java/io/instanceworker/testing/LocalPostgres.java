package io.instanceworker.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** A server from the programs that the build brought along, in a folder and at a port of its own. */
final class LocalPostgres extends PostgresServer {

    /** PostgreSQL's "immediate" shutdown. It leaves no shared memory behind, which SIGKILL does. */
    private static final String IMMEDIATE = "QUIT";

    private final Path programs;
    private final TempFolder folder;
    private final Path data;
    private final boolean asNobody;

    static final String SCRAM = "scram-sha-256";

    @Nullable private ChildProcess process;

    private LocalPostgres(int major, Path programs, TempFolder folder) {
        super(major, "127.0.0.1", Ports.free(), Login.withRandomPassword("postgres"));
        this.programs = programs;
        this.folder = folder;
        this.data = folder.createDirectory("data");
        // PostgreSQL refuses to run as root.
        this.asNobody = folder.owner() == 0;
    }

    static LocalPostgres startLocal(int major, Map<String, String> settings) {
        return startLocal(major, settings, SCRAM);
    }

    /** @param authentication a method of pg_hba.conf */
    static LocalPostgres startLocal(int major, Map<String, String> settings, String authentication) {
        return startLocal(major, settings, authentication, server -> {});
    }

    static LocalPostgres startLocalWithTls(int major, Path certificate, Path key) {
        return startLocal(major, Map.of("ssl", "on"), SCRAM, server -> {
            server.addToData("server.crt", certificate);
            server.addToData("server.key", key);
        });
    }

    static LocalPostgres startLocalStandby(int major, Consumer<? super LocalPostgres> asPrimary) {
        LocalPostgres server = startLocal(major, Map.of());
        asPrimary.accept(server);
        server.stopFast();
        server.folder.write("data/standby.signal", "");
        server.startAgain();
        return server;
    }

    private static LocalPostgres startLocal(
            int major, Map<String, String> settings, String authentication, Consumer<LocalPostgres> beforeStart) {
        Path programs = PostgresBinaries.of(major);
        LocalPostgres server = new LocalPostgres(major, programs, TempFolder.create("postgres-" + major));
        AtExit.close(server);
        try {
            server.initialize(settings, authentication);
            beforeStart.accept(server);
            server.startAgain();
            return server;
        } catch (RuntimeException e) {
            server.close();
            throw e;
        }
    }

    private void initialize(Map<String, String> settings, String authentication) {
        Path password = folder.write("password", superuser().password());
        folder.permit("password", "rw-------");
        folder.permit("data", "rwx------");
        if (asNobody) {
            folder.permit("", "rwx--x--x");
            folder.giveTo(Setpriv.NOBODY, "password");
            folder.giveTo(Setpriv.NOBODY, "data");
        }
        List<String> arguments = List.of(
                "--pgdata=" + data,
                "--username=" + superuser().username(),
                "--pwfile=" + password,
                "--auth=" + authentication,
                "--encoding=UTF8",
                "--locale=C",
                "--no-sync");
        launch("initdb", arguments).awaitSuccess();
        configure(settings);
    }

    private void configure(Map<String, String> settings) {
        Map<String, String> all = new LinkedHashMap<>();
        all.put("listen_addresses", "127.0.0.1");
        all.put("port", String.valueOf(port()));
        // No sockets: JDBC has no use for them, and a path to one may have no more than 107 bytes.
        all.put("unix_socket_directories", "");
        // In the data folder and not in /dev/shm, where a killed server would leave it.
        all.put("dynamic_shared_memory_type", "mmap");
        all.put("shared_buffers", "32MB");
        all.put("max_prepared_transactions", "10");
        // The data need not outlive the machine; they do outlive the server's own crash.
        all.put("fsync", "off");
        all.putAll(settings);
        List<String> lines = new ArrayList<>();
        all.forEach((name, value) -> lines.add(name + " = '" + value.replace("'", "''") + "'"));
        try {
            Files.write(data.resolve("postgresql.conf"), lines, StandardCharsets.UTF_8, StandardOpenOption.APPEND);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** A copy for the server alone, as it demands of its key. */
    private void addToData(String name, Path file) {
        String path = "data/" + name;
        try {
            Files.copy(file, folder.resolve(path));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        folder.permit(path, "rw-------");
        if (asNobody) {
            folder.giveTo(Setpriv.NOBODY, path);
        }
    }

    private ChildProcess launch(String program, List<String> arguments) {
        List<String> command = new ArrayList<>();
        command.add(programs.resolve("bin").resolve(program).toString());
        command.addAll(arguments);
        return ChildProcess.start(
                asNobody ? Setpriv.asNobody(IMMEDIATE, command) : Setpriv.sameUser(IMMEDIATE, command),
                folder.resolve(program + ".log"),
                Map.of("TZ", "UTC"));
    }

    @Override
    public void startAgain() {
        ChildProcess started = launch("postgres", List.of("-D", data.toString()));
        process = started;
        Ready.await("PostgreSQL " + major(), started::isRunning, started::lastWords, this::checkLogin);
    }

    @Override
    public String log() {
        return folder.read("postgres.log");
    }

    @Override
    public void stopFast() {
        running().end("INT");
    }

    @Override
    public void stopImmediate() {
        running().end(IMMEDIATE);
    }

    @Override
    public void kill() {
        running().kill();
    }

    ChildProcess running() {
        ChildProcess running = process;
        if (running == null || !running.isRunning()) {
            throw new IllegalStateException("It is not running");
        }
        return running;
    }

    TempFolder folder() {
        return folder;
    }

    @Override
    public void close() {
        AtExit.forget(this);
        if (process != null && process.isRunning()) {
            try {
                process.end(IMMEDIATE);
            } catch (IllegalStateException tooSlow) {
                process.kill();
            }
        }
        SharedMemory.removeWhatWasLeftBy(data);
        folder.close();
    }

    @Override
    public String toString() {
        return version() + " from the build's own programs, " + host() + ":" + port();
    }
}

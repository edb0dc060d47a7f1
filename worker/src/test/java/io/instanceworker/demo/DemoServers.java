package io.instanceworker.demo;

import io.instanceworker.testing.Login;
import io.instanceworker.testing.Ports;
import io.instanceworker.testing.PostgresServer;
import io.instanceworker.testing.RabbitMqServer;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Map;
import java.util.Objects;
import java.util.Properties;
import java.util.concurrent.CompletableFuture;

/**
 * The servers of {@code deploy/local/demo}: RabbitMQ, and PostgreSQL with two small Ed-Fi templates. Writes the settings of the
 * worker and the administrator's login into a folder, prints what runs, and ends when its standard input does.
 */
public final class DemoServers {

    /** The role by which an Ed-Fi ODS API comes to the instances. */
    private static final String API_ROLE = "edfi_ods_api";

    private static final String SERVER = "instance-worker.servers.default.";

    private DemoServers() {}

    /** @param arguments the folder for the settings, and PostgreSQL's major version */
    public static void main(String[] arguments) throws IOException, SQLException {
        PrintStream out = new PrintStream(new FileOutputStream(FileDescriptor.out), true, StandardCharsets.UTF_8);
        // What the fixtures of the tests have to say is not for the demo.
        System.setOut(new PrintStream(OutputStream.nullOutputStream()));
        Path folder = Path.of(arguments[0]);
        int major = Integer.parseInt(arguments[1]);
        // Side by side: each takes some seconds.
        CompletableFuture<RabbitMqServer> starting = CompletableFuture.supplyAsync(RabbitMqServer::startOwn);
        try (PostgresServer postgres = PostgresServer.startOwn(major, Map.of());
                RabbitMqServer rabbit = starting.join()) {
            Properties settings = new Properties();
            settings.putAll(rabbit.defaultVirtualHost().springProperties());
            settings.put("server.address", "127.0.0.1");
            settings.put("instance-worker.shutdown-grace", "10s");
            settings.put("management.server.port", String.valueOf(Ports.free()));
            addSqlServer(settings);
            prepare(postgres, settings, folder);
            write(settings, folder.resolve("application.properties"));
            Properties administrator = new Properties();
            administrator.put("url", postgres.jdbcUrl(""));
            administrator.put("user", postgres.superuser().username());
            administrator.put("password", postgres.superuser().password());
            write(administrator, folder.resolve("administrator.properties"));
            out.println(
                    rabbit.managementUrl() + " RabbitMQ " + rabbit.version() + ", PostgreSQL " + postgres.version());
            out.close();
            while (System.in.read() >= 0) {}
        }
    }

    private static void prepare(PostgresServer postgres, Properties settings, Path folder)
            throws SQLException, IOException {
        postgres.execute("CREATE ROLE " + API_ROLE + " NOLOGIN");
        Login worker = postgres.createRole("instance_worker");
        settings.put(SERVER + "platform", "postgresql");
        settings.put(SERVER + "url", postgres.jdbcUrl("postgres"));
        settings.put(SERVER + "username", worker.username());
        settings.put(SERVER + "password", worker.password());
        settings.put(SERVER + "default-template", "Minimal");
        settings.put(SERVER + "templates.Minimal", "EdFi_Ods_Minimal_Template");
        settings.put(SERVER + "templates.Populated", "EdFi_Ods_Populated_Template");
        createTemplate(postgres, folder, "EdFi_Ods_Minimal_Template", "ods-structure.sql", "ods-minimal.sql");
        createTemplate(
                postgres,
                folder,
                "EdFi_Ods_Populated_Template",
                "ods-structure.sql",
                "ods-minimal.sql",
                "ods-populated.sql");
    }

    /** Also writes a file of its name that says what is in it, because nobody can connect to it afterwards. */
    private static void createTemplate(PostgresServer postgres, Path folder, String name, String... scripts)
            throws SQLException, IOException {
        postgres.execute("CREATE DATABASE \"" + name + "\"");
        try (Connection connection = postgres.connect(name, postgres.superuser());
                Statement statement = connection.createStatement()) {
            for (String script : scripts) {
                try (InputStream file =
                        Objects.requireNonNull(DemoServers.class.getResourceAsStream("/demo/" + script), script)) {
                    statement.execute(new String(file.readAllBytes(), StandardCharsets.UTF_8));
                }
            }
            Files.writeString(folder.resolve(name), Contents.of(connection));
        }
        postgres.execute("REVOKE ALL ON DATABASE \"" + name + "\" FROM PUBLIC");
        postgres.execute("GRANT CONNECT ON DATABASE \"" + name + "\" TO " + API_ROLE);
        // As Ed-Fi's own images have it: nobody can be connected to a template and delay its copies.
        postgres.execute("ALTER DATABASE \"" + name + "\" IS_TEMPLATE true ALLOW_CONNECTIONS false");
    }

    /** The one that the environment names for the tests, if any. */
    private static void addSqlServer(Properties settings) {
        String url = System.getenv("TEST_SQLSERVER_URL");
        if (url != null) {
            settings.put("instance-worker.default-server", "default");
            settings.put("instance-worker.servers.sqlserver.platform", "sqlserver");
            settings.put("instance-worker.servers.sqlserver.url", url);
            settings.put(
                    "instance-worker.servers.sqlserver.username",
                    System.getenv().getOrDefault("TEST_SQLSERVER_USERNAME", ""));
            settings.put(
                    "instance-worker.servers.sqlserver.password",
                    System.getenv().getOrDefault("TEST_SQLSERVER_PASSWORD", ""));
        }
    }

    private static void write(Properties settings, Path file) throws IOException {
        Files.createFile(file, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        try (Writer writer = Files.newBufferedWriter(file)) {
            settings.store(writer, null);
        }
    }
}

package io.instanceworker.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import io.instanceworker.testing.DeployFiles;
import io.instanceworker.testing.Login;
import io.instanceworker.testing.PostgresServer;
import io.instanceworker.testing.Servers;
import io.instanceworker.testing.VirtualHost;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Each thing that the worker needs is broken, and doctor names it and what corrects it. */
class DoctorIT {

    @RegisterExtension
    static final EndToEnd e2e = EndToEnd.onPostgres(16);

    private static final String SERVER = "instance-worker.servers.default.";
    private static final String PROVISION = EndToEnd.PROVISION;
    private static final String STATUS = "instance.status";
    private static final Pattern SET_PERMISSIONS =
            Pattern.compile("-> rabbitmqctl set_permissions -p '[^']+' '[^']+' ('([^']+)' '([^']+)' '([^']+)')");

    private static Databases databases;
    private static String template;
    private static String role;

    private WorkerSettings settings;

    @BeforeAll
    static void prepare() {
        databases = e2e.databases();
        template = e2e.database("template");
        role = Databases.quote(e2e.login().username());
        databases.createTemplate(template, 1);
        databases.asWorker("postgres", "ALTER DATABASE " + template + " IS_TEMPLATE true");
        DeclaredTopology.in(e2e.host());
    }

    @BeforeEach
    void useAllThatIsRight() {
        settings = e2e.settings().template("default", "Minimal", template);
    }

    @AfterAll
    static void unmark() {
        // A template cannot be dropped.
        databases.asWorker("postgres", "ALTER DATABASE " + template + " IS_TEMPLATE false");
    }

    private CommandRun doctor() {
        CommandRun run = CommandRun.of(settings.arguments(), "doctor");
        Secrets.requireNone(e2e.secrets(), "doctor", run.out() + run.errors());
        return run;
    }

    private void expectError(String... texts) {
        CommandRun run = doctor();
        assertThat(run.out()).contains(texts).contains("  ERROR    ");
        assertThat(run.exitCode()).isEqualTo(1);
    }

    private void expectWarning(String... texts) {
        CommandRun run = doctor();
        assertThat(run.out()).contains(texts).contains("  WARNING  ").doesNotContain("  ERROR    ");
        assertThat(run.exitCode()).isZero();
    }

    @Test
    void nothingIsFoundWhereAllIsRight() {
        CommandRun run = doctor();
        assertThat(run.out())
                .contains(
                        "They have no mistakes",
                        "Logged in: RabbitMQ " + e2e.host().server().version(),
                        "with the right arguments",
                        "may publish and consume",
                        "server default",
                        "PostgreSQL 16",
                        "Logged in as " + role + ", which may create databases",
                        "clocks of the server and of this machine agree",
                        template + " can be copied",
                        "will create the database " + databases.journal())
                .endsWith("Nothing is wrong.\n");
        assertThat(run.errors()).isEmpty();
        assertThat(run.exitCode()).isZero();
        assertThat(databases.exists(databases.journal()))
                .as("doctor changes nothing")
                .isFalse();
    }

    @Test
    void everyMistakeInTheSettingsIsAFindingInJsonToo() {
        settings.with("instance-worker.retry.jitter", "2").with(SERVER + "platform", "oracle");
        CommandRun run = CommandRun.of(settings.arguments(), "doctor", "--output", "json");
        List<JsonNode> found =
                JsonMapper.shared().readTree(run.out()).valueStream().toList();
        assertThat(found)
                .filteredOn(finding -> finding.get("level").asString().equals("error"))
                .extracting(finding -> finding.get("text").asString())
                .anyMatch(text -> text.startsWith("instance-worker.retry.jitter: "))
                .anyMatch(text -> text.startsWith(SERVER + "platform: "))
                .hasSize(2);
        assertThat(run.exitCode()).isEqualTo(1);
    }

    @Test
    void aMissingOrDifferentQueueIsNamed() throws Exception {
        onChannel(channel -> channel.queueDelete(STATUS));
        try {
            expectWarning("no queue 'instance.status'", "start a worker, which declares it");
            settings.with("instance-worker.declare-topology", "false");
            expectError("no queue 'instance.status'", "definitions.json");
            settings.with("instance-worker.declare-topology", "true");
            onChannel(channel -> channel.queueDeclare(STATUS, true, false, false, Map.of()));
            expectError("The queue instance.status has x-queue-type = classic, but must have quorum");
            onChannel(channel -> channel.queueDelete(STATUS));
        } finally {
            DeclaredTopology.in(e2e.host());
        }
    }

    private interface Change {
        void on(Channel channel) throws Exception;
    }

    private static void onChannel(Change change) throws Exception {
        try (Connection connection = e2e.host().connectOnce();
                Channel channel = connection.createChannel()) {
            change.on(channel);
        }
    }

    @Test
    void eachMissingRightAtTheBrokerIsNamed() {
        Login user = userOfTheBroker();
        String write = "^(amq\\.default|instance\\.events|instance\\.jobs\\.wait)$";
        try {
            permit(e2e.host(), user, "^$", write, "^instance\\.");
            expectError("access to queue '" + PROVISION + "'", "-> rabbitmqctl set_permissions");
            settings.with("instance-worker.declare-topology", "false");
            assertThat(doctor().exitCode()).as("it need not declare").isZero();
            permit(e2e.host(), user, "^$", "^amq\\.default$", "^instance\\.");
            expectError("access to exchange 'instance.events'");
            permit(e2e.host(), user, "^$", "^instance\\.", "^instance\\.");
            expectError("access to exchange 'amq.default'");
            permit(e2e.host(), user, "^$", write, "^instance\\.jobs\\.query$");
            expectError("access to queue '" + PROVISION + "'");
        } finally {
            e2e.host().server().management().deleteUser(user);
        }
        assertThat(e2e.host().ready(PROVISION)).as("nothing was published").isZero();
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aUserWithTheSuggestedRightsIsRight(boolean declares) {
        Login user = userOfTheBroker();
        try (VirtualHost host = Servers.rabbit().createVirtualHost("DoctorIT-rights")) {
            settings.with("spring.rabbitmq.virtual-host", host.name())
                    .with("instance-worker.declare-topology", String.valueOf(declares));
            permit(host, user, "^$", "^$", "^$");
            String found = doctor().out();
            assertThat(found).contains("set_permissions -p '" + host.name() + "' '" + user.username() + "' '");
            Matcher suggested = SET_PERMISSIONS.matcher(found);
            assertThat(suggested.find()).isTrue();
            assertThat(
                            declares
                                    ? DeployFiles.read("../docs/broker.md")
                                    : DeployFiles.read("rabbitmq/user-definitions")
                                            .replace("\\\\", "\\"))
                    .contains(suggested.group(1));

            permit(host, user, suggested.group(2), suggested.group(3), suggested.group(4));
            DeclaredTopology.in(declares ? host.as(user) : host);

            assertThat(doctor().out()).endsWith("Nothing is wrong.\n");
        } finally {
            e2e.host().server().management().deleteUser(user);
        }
    }

    /** Without rights yet. */
    private Login userOfTheBroker() {
        Login user = new Login(e2e.database("doctor"), "doctors-password");
        settings.with("spring.rabbitmq.username", user.username()).with("spring.rabbitmq.password", user.password());
        return user;
    }

    private static void permit(VirtualHost host, Login user, String configure, String write, String read) {
        host.server().management().createUser(user, host.name(), configure, write, read);
    }

    @Test
    void aConnectionToAnotherMachineWithoutTlsIsAWarning() {
        // Which is this machine too, but cannot be seen to be. Nothing answers at port 1.
        settings.with("spring.rabbitmq.host", "0.0.0.0")
                .with("spring.rabbitmq.port", "1")
                .with(SERVER + "url", "jdbc:postgresql://0.0.0.0:1/postgres");
        expectError(
                "WARNING  tls: RabbitMQ is on another machine, and the connection has no TLS",
                "WARNING  tls: it is on another machine, and with sslmode=prefer");
        settings.with("spring.rabbitmq.ssl.enabled", "true")
                .with(SERVER + "url", "jdbc:postgresql://0.0.0.0:1/postgres?sslmode=verify-full");
        assertThat(doctor().out()).doesNotContain("another machine");
    }

    @Test
    void aBrokerThatCannotBeUsedIsNamed() {
        settings.with("spring.rabbitmq.password", "wrong");
        expectError("ACCESS_REFUSED", "spring.rabbitmq.password");
        settings = e2e.settings().with("spring.rabbitmq.virtual-host", "nowhere");
        expectError("nowhere", "rabbitmqctl add_vhost");
        settings = e2e.settings().with("spring.rabbitmq.host", "127.0.0.1").with("spring.rabbitmq.port", "1");
        expectError("127.0.0.1:1", "start RabbitMQ", "Logged in as " + role);
    }

    @Test
    void aServerThatCannotBeUsedIsNamed() {
        settings.with(SERVER + "password", "wrong");
        expectError("server default", "refused the login " + role, "CREATE ROLE " + role);
        settings.with(SERVER + "url", "jdbc:postgresql://127.0.0.1:1/postgres");
        expectError("cannot be reached at 127.0.0.1:1");
        settings = e2e.settings().with(SERVER + "url", e2e.postgres().jdbcUrl("absent"));
        expectError("maintenance database in url is absent");
    }

    @Test
    void aStandby() {
        AtomicReference<Login> login = new AtomicReference<>();
        try (PostgresServer standby =
                PostgresServer.startStandby(16, primary -> login.set(primary.createRole("worker")))) {
            e2e.secrets().add(login.get().password());
            settings.server("default", standby, login.get());
            expectError("The server is a standby, which can only be read.", "the address of the primary server");
        }
    }

    @Test
    void aPoolerInTheWayIsNamed() {
        try (PoolerStandIn pooler =
                new PoolerStandIn(e2e.postgres().host(), e2e.postgres().port())) {
            settings.with(SERVER + "url", "jdbc:postgresql://127.0.0.1:" + pooler.port() + "/postgres");
            expectError("leads to a connection pooler", "the address of the server itself");
        }
    }

    @Test
    void aMissingRightOnTheServerIsNamed() {
        databases.asSuperuser("ALTER ROLE " + role + " NOCREATEDB");
        try {
            expectError(
                    "may not create databases",
                    "ALTER ROLE " + role + " CREATEDB;",
                    "There is no database " + databases.journal(),
                    "CREATE DATABASE " + Databases.quote(databases.journal()) + " OWNER " + role + ";");
        } finally {
            databases.asSuperuser("ALTER ROLE " + role + " CREATEDB");
        }
    }

    @Test
    void aTemplateThatCannotBeUsedIsNamed() throws Exception {
        settings.template("default", "Sample", "absent_sample");
        expectError("absent_sample: there is no database", template + " can be copied");
        settings.template("default", "Sample", template);
        databases.asWorker("postgres", "ALTER DATABASE " + template + " IS_TEMPLATE false");
        expectWarning("not marked as a template", "ALTER DATABASE \"" + template + "\" IS_TEMPLATE true;");
        databases.asWorker("postgres", "ALTER DATABASE " + template + " IS_TEMPLATE true");
        try (java.sql.Connection session = databases.session(template, "in the way")) {
            assertThat(session.isValid(1)).isTrue();
            expectWarning("1 sessions are connected", "ALTER DATABASE \"" + template + "\" ALLOW_CONNECTIONS false");
        }
        String limit = "UPDATE pg_database SET datconnlimit = %d WHERE datname = " + Databases.literal(template);
        databases.asSuperuser(limit.formatted(-2));
        try {
            expectError(
                    template + ": a DROP of it was interrupted", "DROP DATABASE \"" + template + "\"; then restore it");
        } finally {
            databases.asSuperuser(limit.formatted(-1));
        }
    }

    @Test
    void aJournalThatCannotBeUsedIsNamed() {
        String journal = e2e.database("journal");
        settings.with(SERVER + "journal-database", journal);
        databases.asSuperuser("CREATE DATABASE " + journal);
        expectError(
                "is meant for the worker's journal, but belongs to",
                "ALTER DATABASE \"" + journal + "\" OWNER TO " + role);
        databases.asSuperuser("ALTER DATABASE " + journal + " OWNER TO " + role);
        assertThat(doctor().out()).contains("will create its table in the database " + journal);
        databases.asWorker(journal, "CREATE TABLE public.job_run (run_id varchar(36))");
        expectError(
                "job_run has no column crashes",
                "ALTER TABLE public.job_run ADD COLUMN crashes integer NOT NULL DEFAULT 0;",
                "ADD COLUMN ended_at timestamp with time zone;");
        databases.asWorker(journal, "REVOKE DELETE ON public.job_run FROM " + role);
        expectError(
                "may not read and write the table job_run",
                "GRANT SELECT, INSERT, UPDATE, DELETE ON public.job_run TO " + role);
    }
}

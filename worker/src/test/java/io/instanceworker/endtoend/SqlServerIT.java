package io.instanceworker.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import io.instanceworker.contracts.provision.OwnershipMark;
import io.instanceworker.provision.sqlserver.fake.FakeSqlServer;
import io.instanceworker.provision.sqlserver.fake.Faults;
import io.instanceworker.provision.sqlserver.fake.Options;
import io.instanceworker.provision.sqlserver.fake.Platform;
import io.instanceworker.provision.sqlserver.fake.State;
import io.instanceworker.testing.Forwarder;
import io.instanceworker.testing.Login;
import java.time.Instant;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import tools.jackson.databind.JsonNode;

/** One worker serves a PostgreSQL server and a fake SQL Server, the latter with TLS, and one in each form in which a cloud hosts it. */
class SqlServerIT {

    @RegisterExtension
    static final EndToEnd e2e = EndToEnd.onPostgres(18);

    private static final List<String> ROWS = List.of("Grand Bend", "Glendale");

    /** Besides {@link #sqlServer}: one in each form in which a cloud hosts it. */
    private static final Map<Platform, FakeSqlServer> HOSTED = new EnumMap<>(Platform.class);

    private static FakeSqlServer sqlServer;
    private static Forwarder way;
    private static Forwarder wayToPostgres;
    private static WorkerProcess worker;

    @BeforeAll
    static void start() {
        sqlServer = new FakeSqlServer(Options.standard().withTls());
        sqlServer.createDatabase("tpl_minimal", ROWS.toArray(String[]::new));
        sqlServer.createDatabase("unmanaged");
        way = new Forwarder("127.0.0.1", sqlServer.port()).open();
        wayToPostgres = new Forwarder(e2e.postgres().host(), e2e.postgres().port()).open();
        Login login = new Login(sqlServer.login(), sqlServer.password());
        WorkerSettings settings = e2e.settings()
                .server("default", "jdbc:postgresql://127.0.0.1:" + wayToPostgres.port() + "/postgres", e2e.login())
                .sqlServer("mssql", sqlServer.jdbcUrl("master", way.port()), login)
                .template("mssql", "Minimal", "tpl_minimal")
                .with("instance-worker.default-server", "default");
        for (Platform form :
                List.of(Platform.AMAZON_RDS, Platform.AZURE_SQL_DATABASE, Platform.AZURE_MANAGED_INSTANCE)) {
            FakeSqlServer server = new FakeSqlServer(Options.standard().on(form));
            server.createDatabase("tpl_minimal", ROWS.toArray(String[]::new));
            HOSTED.put(form, server);
            String name = name(form);
            settings.sqlServer(name, server.jdbcUrl("master"), new Login(server.login(), server.password()))
                    .template(name, "Minimal", "tpl_minimal");
            HostingSettings.of(form)
                    .forEach((property, value) ->
                            settings.with("instance-worker.servers." + name + ".properties." + property, value));
        }
        worker = e2e.start(settings).awaitReady();
        e2e.events();
    }

    @AfterAll
    static void stop() {
        way.close();
        wayToPostgres.close();
        sqlServer.close();
        HOSTED.values().forEach(FakeSqlServer::close);
    }

    private static String name(Platform form) {
        return form.name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    private static JobJson job(String operation, String jobId, String database) {
        return JobJson.of(operation, jobId, database).server("mssql");
    }

    private static Event succeed(JobJson job) {
        e2e.send(job);
        return e2e.events().awaitSuccess(job.jobId());
    }

    private static void checkThatNothingIsLeft() {
        assertThat(sqlServer.databases()).noneMatch(name -> name.startsWith("iw_staging_"));
        assertThat(sqlServer.files()).noneMatch(file -> file.endsWith(".bak"));
    }

    @Test
    void theFiveOperations() {
        Event added = succeed(job("Add", "add", "ods_a").template("Minimal").instance("id", "7"));
        assertThat(added.state()).isEqualTo("ONLINE");
        assertThat(sqlServer.districts("ods_a")).isEqualTo(ROWS);
        OwnershipMark mark = OwnershipMark.parse(
                        sqlServer.property("ods_a", "InstanceWorker").orElseThrow())
                .orElseThrow();
        assertThat(mark.instanceId()).isEqualTo("7");
        assertThat(mark.jobId()).isEqualTo("add");

        sqlServer.addDistricts("ods_a", "later");
        succeed(job("Copy", "copy", "ODS_b").source("ods_a").instance("id", "8"));
        assertThat(sqlServer.districts("ODS_b")).containsExactly("Grand Bend", "Glendale", "later");
        checkThatNothingIsLeft();

        Event info = succeed(job("Info", "info", "ods_a").instance("id", "7"));
        assertThat(info.data().at("/info/engine").asString()).isEqualTo("Microsoft SQL Server");
        assertThat(info.data().at("/info/dataBytes").asLong()).isPositive();
        assertThat(info.data().at("/info/logBytes").asLong()).isPositive();
        assertThat(info.data().at("/info/freeBytes").asLong()).isPositive();
        assertThat(info.data().at("/info/recoveryModel").asString()).isEqualTo("FULL");
        assertThat(info.data().at("/info/createdByJob").asString()).isEqualTo("add");

        assertThat(succeed(job("Status", "status", "ods_B")).state())
                .as("names are compared without regard to case")
                .isEqualTo("ONLINE");

        assertThat(succeed(job("Delete", "delete", "ods_b").instance("id", "8")).state())
                .isEqualTo("NOT_FOUND");
        assertThat(sqlServer.databases()).doesNotContain("ODS_b").contains("ods_a");
        e2e.send(job("Delete", "foreign", "unmanaged"));
        e2e.events().awaitError("foreign", "NOT_MANAGED");
        assertThat(
                        sqlServer.texts(
                                "journal_of_" + sqlServer.login(),
                                "SELECT CONCAT(job_id, ' ', outcome) FROM dbo.job_run WHERE database_key = 'ods_b' ORDER BY received_at"))
                .containsExactly("copy Succeeded", "delete Succeeded");
    }

    @Test
    void eachEnginesJobsAreDoneWhileTheOtherIsDown() {
        way.shut();
        e2e.send(job("Add", "waits-for-sqlserver", "ods_waits"));
        succeed(JobJson.of("Add", "meanwhile-on-postgresql", e2e.database("meanwhile")));
        way.open();
        e2e.events().awaitSuccess("waits-for-sqlserver");

        wayToPostgres.shut();
        e2e.send(JobJson.of("Add", "waits-for-postgresql", e2e.database("waits")));
        succeed(job("Add", "meanwhile-on-sqlserver", "ods_meanwhile"));
        wayToPostgres.open();
        e2e.events().awaitSuccess("waits-for-postgresql");
    }

    @Test
    void aBackupThatFailsIsTriedAgainAndLeavesNoFile() {
        sqlServer.faults().failMidway("BACKUP DATABASE [tpl_minimal]", 3202, 16);
        e2e.send(job("Add", "disk-full", "ods_full").template("Minimal"));
        Event failed = e2e.events().awaitFailure("disk-full", "DISK_FULL");
        assertThat(failed.data().at("/error/vendorCode").asInt()).isEqualTo(3202);
        e2e.events().awaitSuccess("disk-full");
        assertThat(sqlServer.districts("ods_full")).isEqualTo(ROWS);
        checkThatNothingIsLeft();
    }

    @Test
    void aConnectionThatBreaksInARestoreLeavesNothingThatIsHalfMade() {
        sqlServer.faults().cutMidway("RESTORE DATABASE");
        e2e.send(job("Add", "broken-restore", "ods_restored").template("Minimal"));
        e2e.events().awaitFailure("broken-restore", "SERVER_UNAVAILABLE");
        e2e.events().awaitSuccess("broken-restore");
        assertThat(sqlServer.districts("ods_restored")).isEqualTo(ROWS);
        checkThatNothingIsLeft();
    }

    @Test
    void aRenameWhoseAnswerIsLostIsFoundDone() {
        sqlServer.faults().cutAfter("MODIFY NAME = [ods_renamed]");
        e2e.send(job("Add", "lost-answer", "ods_renamed").template("Minimal"));
        e2e.events().awaitFailure("lost-answer", "SERVER_UNAVAILABLE");
        int made = sqlServer.databaseId("ods_renamed");
        e2e.events().awaitSuccess("lost-answer");
        assertThat(sqlServer.databaseId("ods_renamed"))
                .as("it is not made anew")
                .isEqualTo(made);
        checkThatNothingIsLeft();
    }

    /** RDS copies by itself, so the job lets go of its message and its lock meanwhile. */
    @Test
    void aJobOnAmazonRdsComesBackUntilItsTasksAreDone() {
        FakeSqlServer rds = HOSTED.get(Platform.AMAZON_RDS);
        e2e.send(JobJson.of("Add", "on-rds", "ods_rds").server("amazon-rds").template("Minimal"));
        Event created = e2e.events().awaitSuccess("on-rds");
        assertThat(created.attempt()).isEqualTo(1);
        assertThat(progress("on-rds")).containsExactly(30, 50, 80);
        assertThat(rds.districts("ods_rds")).isEqualTo(ROWS);
        assertThat(rds.statements().stream().filter(sql -> sql.contains("rds_backup_database")))
                .hasSize(1);
        assertThat(rds.statements().stream().filter(sql -> sql.contains("rds_restore_database")))
                .hasSize(1);
    }

    @ParameterizedTest
    @EnumSource(
            value = Platform.class,
            names = {"AMAZON_RDS", "AZURE_SQL_DATABASE", "AZURE_MANAGED_INSTANCE"})
    void theFiveOperationsInACloud(Platform form) {
        FakeSqlServer server = HOSTED.get(form);
        Event added = succeed(in(form, "Add", "add", "ods_a").template("Minimal"));
        assertThat(added.attempt()).isEqualTo(1);
        assertThat(server.districts("ods_a")).isEqualTo(ROWS);
        succeed(in(form, "Add", "empty", "ods_empty").template(""));
        succeed(in(form, "Copy", "copy", "ods_b").source("ods_a"));
        assertThat(server.districts("ods_b")).isEqualTo(ROWS);

        Event info = succeed(in(form, "Info", "info", "ods_b"));
        assertThat(info.data().at("/info/dataBytes").asLong()).isPositive();
        assertThat(info.data().at("/info/createdByJob").asString()).isEqualTo(name(form) + "-copy");
        assertThat(succeed(in(form, "Status", "status", "ods_b")).state()).isEqualTo("ONLINE");

        succeed(in(form, "Delete", "delete", "ods_b"));
        assertThat(server.databases())
                .contains("tpl_minimal", "ods_a", "ods_empty")
                .doesNotContain("ods_b")
                .noneMatch(name -> name.startsWith("iw_staging_"));
    }

    private static JobJson in(Platform form, String operation, String job, String database) {
        return JobJson.of(operation, name(form) + "-" + job, database).server(name(form));
    }

    private static List<Integer> progress(String jobId) {
        return e2e.events().of(jobId).stream()
                .map(event -> event.data().path("progress"))
                .filter(JsonNode::isNumber)
                .map(JsonNode::asInt)
                .toList();
    }

    @Test
    void theProgressOfALongRestoreIsPublished() throws Exception {
        Faults.Hold restore = sqlServer.faults().holdMidway("RESTORE DATABASE");
        sqlServer.percentComplete(40);
        e2e.send(job("Add", "long-restore", "ods_long").template("Minimal"));
        restore.awaitArrival();
        Event event = e2e.events()
                .await("progress", "long-restore", found -> found.data().has("progress"));
        assertThat(event.id()).isEqualTo("long-restore/1/CreateInProgress/70");
        assertThat(worker.jobsInHand().at("/jobs/0/progress").asInt()).isEqualTo(70);
        restore.release();
        e2e.events().awaitSuccess("long-restore");
        assertThat(progress("long-restore")).containsExactly(70);
        assertThat(e2e.events().outcomes("long-restore")).containsExactly("InProgress", "InProgress", "Succeeded");
    }

    /** The rename and the end in the journal are not one transaction, so the worker looks before it reports a failure. */
    @Test
    void anAddThatIsDoneWhenItsDeadlinePassesIsReportedAsDone() throws Exception {
        Instant deadline = Instant.now().plusSeconds(4);
        Faults.Hold restore = sqlServer.faults().holdMidway("RESTORE DATABASE");
        sqlServer.faults().cutAfter("MODIFY NAME = [ods_late]");
        e2e.send(job("Add", "late", "ods_late").template("Minimal").with("deadline", deadline.toString()));
        restore.awaitArrival();
        Await.until("the deadline has passed", () -> Instant.now().isAfter(deadline));
        restore.release();

        e2e.events().awaitSuccess("late");

        assertThat(sqlServer.districts("ods_late")).isEqualTo(ROWS);
        checkThatNothingIsLeft();
    }

    @Test
    void jobsWaitWhileTheServerRecoversTheirDatabase() {
        succeed(job("Add", "to-recover", "ods_recovering").template("Minimal"));
        sqlServer.setState("ods_recovering", State.RECOVERING);
        e2e.send(job("Copy", "of-recovering", "ods_of_recovering").source("ods_recovering"));
        e2e.events().awaitFailure("of-recovering", "TIMEOUT");
        assertThat(succeed(job("Status", "look", "ods_recovering")).state()).isEqualTo("RECOVERING");
        sqlServer.setState("ods_recovering", State.ONLINE);
        e2e.events().awaitSuccess("of-recovering");

        sqlServer.setState("ods_recovering", State.RECOVERING);
        e2e.send(job("Delete", "recovering", "ods_recovering"));
        e2e.events().awaitFailure("recovering", "TIMEOUT");
        sqlServer.setState("ods_recovering", State.ONLINE);
        e2e.events().awaitSuccess("recovering");
    }

    @Test
    void aThiefOfTheOnlySeatDelaysADeleteAndKeepsNobodyOut() throws Exception {
        succeed(job("Add", "to-steal", "ods_stolen").template("Minimal"));
        sqlServer.faults().fail("DROP DATABASE [ods_stolen]", 3702, 16);
        e2e.send(job("Delete", "stolen", "ods_stolen"));
        e2e.events().awaitFailure("stolen", "SOURCE_BUSY");
        e2e.events().awaitSuccess("stolen");
        assertThat(sqlServer.hasDatabase("ods_stolen")).isFalse();
    }
}

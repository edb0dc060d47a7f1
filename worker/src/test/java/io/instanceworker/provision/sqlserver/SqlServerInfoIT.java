package io.instanceworker.provision.sqlserver;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.instanceworker.contracts.ErrorCode;
import io.instanceworker.contracts.InstanceState;
import io.instanceworker.contracts.Operation;
import io.instanceworker.contracts.provision.AddInstance;
import io.instanceworker.contracts.provision.InstanceLock;
import io.instanceworker.contracts.provision.LockRequest;
import io.instanceworker.contracts.provision.OwnershipMark;
import io.instanceworker.contracts.provision.ProvisioningException;
import io.instanceworker.contracts.result.InstanceInfo;
import io.instanceworker.provision.sqlserver.fake.FakeSqlServer;
import io.instanceworker.provision.sqlserver.fake.Options;
import io.instanceworker.provision.sqlserver.fake.Platform;
import io.instanceworker.provision.sqlserver.fake.State;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What Info reports of a database on SQL Server, with and without the rights that it needs. */
class SqlServerInfoIT {

    private static final OwnershipMark MARK = new OwnershipMark(
            "7", null, "job-1", Operation.ADD, "Minimal", null, Instant.parse("2026-11-22T05:00:00Z"));

    private static final long FILE = 8 * 1024 * 1024;
    private static final String IN_THE_DATABASE = "dm_db_file_space_usage";
    private static final String IN_MSDB = "backupset";

    private final Instant now = Instant.now().truncatedTo(ChronoUnit.SECONDS);

    private FakeSqlServer server;
    private SqlServerFixture fixture;

    @BeforeEach
    void start() {
        start(Options.standard());
    }

    private void start(Options options) {
        server = new FakeSqlServer(options);
        server.createDatabaseAt(now.minusSeconds(3_600), "ods_a", "Grand Bend");
        fixture = new SqlServerFixture(TestServer.fake(server));
    }

    @AfterEach
    void stop() {
        fixture.provisioner().close();
        fixture.close();
    }

    private InstanceInfo info(String database) {
        return fixture.provisioner().instanceInfo(database).info();
    }

    @Test
    void infoSaysWhatTheServerKnows() {
        server.addFile("ods_a", "second", "D", "/var/opt/mssql/data/ods_a_2.ndf");
        InstanceInfo info = info("ods_a");
        assertThat(info.sizes())
                .isEqualTo(
                        new InstanceInfo.Sizes(3 * FILE, "24.0 MiB", 2 * FILE, FILE, 2 * FILE / 4 * 3, 2 * FILE / 4));
        assertThat(info.compatibilityLevel()).isEqualTo(160);
        assertThat(info.recoveryModel()).isEqualTo("FULL");
        assertThat(info.engine())
                .isEqualTo(
                        new InstanceInfo.Engine("Microsoft SQL Server", "16.0.4215.2", "Developer Edition (64-bit)"));
    }

    @Test
    void theLastBackupIsThatOfThisDatabase() {
        server.rememberBackup("ods_a", now.minusSeconds(7_200));
        assertThat(info("ods_a").lastBackupAt())
                .as("only of an earlier database of this name")
                .isNull();
        server.rememberBackup("ods_a", now.minusSeconds(60));
        server.rememberBackup("ods_a", now.minusSeconds(120));
        server.rememberBackup("ods_b", now.minusSeconds(30));
        assertThat(info("ODS_A").lastBackupAt()).isEqualTo(now.minusSeconds(60));
    }

    @Test
    void aBackupThatTheWorkerMadeForACopyIsNotTheLastOne() {
        try (InstanceLock lock = fixture.provisioner()
                .tryLock(new LockRequest(Set.of("ods_b"), Set.of()), step -> {})
                .orElseThrow()) {
            fixture.provisioner().addInstance(lock, new AddInstance("ods_b", "ods_a", MARK), () -> {});
        }
        assertThat(server.statements()).anyMatch(sql -> sql.startsWith("BACKUP DATABASE [ods_a]"));
        assertThat(info("ods_a").lastBackupAt()).isNull();
    }

    @Test
    void aBackupWithoutATimeZoneWasMadeInThatOfTheServer() {
        server.rememberBackupWithoutTimeZone("ods_a", now);
        assertThat(info("ods_a").lastBackupAt()).isEqualTo(now);
    }

    @Test
    void withoutTheRightsOnlyWhatTheyAreForIsNull() {
        server.rememberBackup("ods_a", now);
        server.faults().fail(IN_THE_DATABASE, 300, 14);
        InstanceInfo withoutSpace = info("ods_a");
        assertThat(withoutSpace.sizes())
                .isEqualTo(new InstanceInfo.Sizes(2 * FILE, "16.0 MiB", FILE, FILE, null, null));
        assertThat(withoutSpace.lastBackupAt()).isEqualTo(now);
        for (int refusal : List.of(229, 916, 208)) {
            server.faults().fail(IN_MSDB, refusal, 14);
            InstanceInfo withoutBackup = info("ods_a");
            assertThat(withoutBackup.lastBackupAt()).isNull();
            assertThat(withoutBackup.sizes().free()).isEqualTo(FILE / 4);
        }
    }

    @Test
    void aBrokenConnectionIsNoMissingRight() {
        for (String statement : List.of(IN_THE_DATABASE, IN_MSDB)) {
            server.faults().cutBefore(statement);
            assertThatThrownBy(() -> info("ods_a"))
                    .isInstanceOfSatisfying(
                            ProvisioningException.class,
                            e -> assertThat(e.code()).isEqualTo(ErrorCode.SERVER_UNAVAILABLE));
        }
    }

    @Test
    void nothingIsAskedInADatabaseThatIsNotOnline() {
        server.rememberBackup("ods_a", now);
        server.setState("ods_a", State.OFFLINE);
        InstanceInfo info = info("ods_a");
        assertThat(info.sizes().reserved()).isNull();
        assertThat(info.recoveryModel()).isEqualTo("FULL");
        assertThat(info.lastBackupAt()).isEqualTo(now);
        assertThat(server.statements()).noneMatch(sql -> sql.contains(IN_THE_DATABASE));
        assertThat(fixture.provisioner().instanceInfo("ods_a").state()).isEqualTo(InstanceState.OFFLINE);
        server.setState("ods_a", State.ONLINE);
    }

    @Test
    void aPageOfStatusAsksNeitherInTheDatabasesNorInMsdb() {
        assertThat(fixture.provisioner().measure(List.of("ods_a"))).hasSize(1);
        assertThat(server.statements()).noneMatch(sql -> sql.contains(IN_THE_DATABASE) || sql.contains(IN_MSDB));
    }

    /** The backups that the worker makes there for copies are not COPY_ONLY. */
    @Test
    void theLastBackupIsNotReportedOnAmazonRds() {
        stop();
        start(Options.standard().on(Platform.AMAZON_RDS));
        server.rememberBackup("ods_a", now);
        InstanceInfo info = info("ods_a");
        assertThat(info.lastBackupAt()).isNull();
        assertThat(info.sizes().free()).isPositive();
    }
}

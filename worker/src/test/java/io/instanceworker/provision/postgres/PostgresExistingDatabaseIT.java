package io.instanceworker.provision.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.instanceworker.contracts.ErrorCode;
import io.instanceworker.contracts.InstanceState;
import io.instanceworker.contracts.Operation;
import io.instanceworker.contracts.provision.InstanceLock;
import io.instanceworker.contracts.provision.InstanceProvisioner;
import io.instanceworker.contracts.provision.LockRequest;
import io.instanceworker.contracts.provision.OwnershipMark;
import io.instanceworker.contracts.provision.ProvisioningException;
import io.instanceworker.contracts.provision.TrashInstance;
import io.instanceworker.contracts.provision.TrashedInstance;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.ValueSource;

/** Adopt and the trash on PostgreSQL: what the comment, the owner and the sessions of a database decide. */
@ParameterizedClass(name = "PostgreSQL {0}")
@ValueSource(ints = {11, 18})
class PostgresExistingDatabaseIT {

    private static final String NAME = "by_hand";
    private static final OwnershipMark MARK =
            new OwnershipMark("7", null, "job-1", Operation.ADOPT, null, null, Instant.EPOCH);
    private static final Duration AT_ONCE = Duration.ofSeconds(-1);

    @Parameter
    int major;

    private PostgresFixture bench;
    private InstanceProvisioner provisioner;

    @BeforeEach
    void open() {
        bench = new PostgresFixture(major);
        provisioner = bench.provisioner();
    }

    @AfterEach
    void close() {
        provisioner.close();
        bench.close();
    }

    private void adopt() {
        underLock(lock -> provisioner.adoptInstance(lock, NAME, MARK, () -> {}));
    }

    private String trash() {
        String name = provisioner.nameRules().trashName(NAME, Instant.now());
        underLock(lock -> provisioner.trashInstance(lock, new TrashInstance(NAME, name, "7", null, "job-2"), () -> {}));
        return name;
    }

    private void restore(TrashedInstance trashed) {
        underLock(lock -> provisioner.restoreInstance(lock, trashed, () -> {}));
    }

    private void underLock(Consumer<InstanceLock> work) {
        try (InstanceLock lock = provisioner
                .tryLock(new LockRequest(Set.of(NAME), Set.of()), step -> {})
                .orElseThrow()) {
            work.accept(lock);
        }
    }

    private static ProvisioningException refused(ErrorCode code, Runnable work) {
        ProvisioningException refusal = catchThrowableOfType(ProvisioningException.class, work::run);
        assertThat(refusal.code()).isEqualTo(code);
        return refusal;
    }

    private String comment(String databaseName) {
        return bench.queryAsSuperuser("SELECT shobj_description(oid, 'pg_database') FROM pg_database WHERE datname = "
                + Sql.literal(databaseName));
    }

    @Test
    void aCommentOfAPersonIsNotOverwritten() {
        bench.makeDatabase(NAME, List.of());
        bench.run("postgres", Sql.comment(NAME, "Ünser Bestand, nicht löschen"));

        ProvisioningException refusal = refused(ErrorCode.UNSUPPORTED_BY_SERVER, this::adopt);

        assertThat(refusal).hasMessageContaining("COMMENT ON DATABASE \"by_hand\" IS NULL");
        assertThat(comment(NAME)).isEqualTo("Ünser Bestand, nicht löschen");
        bench.run("postgres", Sql.comment(NAME, null));
        adopt();
        assertThat(comment(NAME)).isEqualTo(MARK.toJson());
    }

    @Test
    void aCommentOfAPersonComesBackOutOfTheTrash() {
        bench.makeDatabase(NAME, List.of("Grand Bend"));
        bench.run("postgres", Sql.comment(NAME, "it's \\ mine,\n \"Ünser\" 🎓"));
        trash();
        restore(provisioner.trash().get(0));
        assertThat(comment(NAME)).isEqualTo("it's \\ mine,\n \"Ünser\" 🎓");
        assertThat(bench.rows(NAME)).containsExactly("Grand Bend");
    }

    @Test
    void aTemplateIsNeitherAdoptedNorPutIntoTheTrash() {
        bench.makeTemplate(NAME, List.of());
        refused(ErrorCode.PROTECTED_DATABASE, this::adopt);
        refused(ErrorCode.PROTECTED_DATABASE, this::trash);
        assertThat(comment(NAME)).isNull();
        assertThat(bench.databases()).containsExactly(NAME);
    }

    @Test
    void theRefusalOfADatabaseOfAnotherOwnerSaysWhatHelps() {
        bench.makeDatabase(NAME, List.of());
        bench.server.execute("ALTER DATABASE by_hand OWNER TO "
                + Sql.identifier(bench.server.superuser().username()));

        ProvisioningException refusal = refused(ErrorCode.INSUFFICIENT_PRIVILEGE, this::adopt);
        refused(ErrorCode.INSUFFICIENT_PRIVILEGE, this::trash);

        String statement = "ALTER DATABASE \"by_hand\" OWNER TO " + Sql.identifier(bench.role.username());
        assertThat(refusal).hasMessageContaining(statement);
        assertThat(comment(NAME)).isNull();
        bench.server.execute(statement);
        adopt();
        assertThat(comment(NAME)).isEqualTo(MARK.toJson());
    }

    @Test
    void aDatabaseOnItsWayIntoTheTrashLosesItsSessionsAndTakesNoMore() throws SQLException {
        bench.makeDatabase(NAME, List.of());
        adopt();
        String name;
        try (Connection client = bench.session(NAME)) {
            name = trash();
            assertThat(client.isValid(5)).isFalse();
        }
        assertThatThrownBy(() -> bench.session(name)).hasMessageContaining("not currently accepting connections");
        assertThatThrownBy(() -> bench.server.connect(name, bench.server.superuser()))
                .as("nor a superuser")
                .hasMessageContaining("not currently accepting connections");
        assertThat(provisioner.trash()).singleElement().returns(InstanceState.OFFLINE, TrashedInstance::state);
    }

    @Test
    void aDatabaseInUseByASuperuserStaysAsItIs() throws SQLException {
        bench.makeDatabase(NAME, List.of());
        adopt();
        try (Connection mine = bench.session(NAME);
                Connection theirs = bench.server.connect(NAME, bench.server.superuser())) {
            refused(ErrorCode.SOURCE_BUSY, this::trash);
            assertThat(mine.isValid(5)).as("no session is ended in vain").isTrue();
            assertThat(theirs.isValid(5)).isTrue();
        }
        assertThat(comment(NAME)).isEqualTo(MARK.toJson());
        assertThat(bench.databases()).containsExactly(NAME);
    }

    @Test
    void onlyWhatIsCertainlyInTheTrashIsDropped() {
        bench.makeDatabase(NAME, List.of());
        String name = trash();
        TrashedInstance trashed = provisioner.trash().get(0);
        String mark = comment(name);

        bench.run("postgres", Sql.allowConnections(name, true));
        assertThat(provisioner.dropTrashed(trashed, AT_ONCE))
                .as("somebody has opened it")
                .isFalse();
        bench.run("postgres", Sql.allowConnections(name, false));
        bench.run("postgres", Sql.comment(name, "a person's"));
        assertThat(provisioner.trash()).isEmpty();
        assertThat(provisioner.dropTrashed(trashed, AT_ONCE))
                .as("it has no mark")
                .isFalse();
        refused(ErrorCode.INSTANCE_NOT_FOUND, () -> restore(trashed));
        bench.run("postgres", Sql.comment(name, mark));
        bench.run("postgres", Sql.rename(name, "kept"));
        assertThat(provisioner.trash()).isEmpty();
        assertThat(provisioner.dropTrashed(trashed, AT_ONCE))
                .as("it was renamed by hand")
                .isFalse();
        assertThat(bench.databases()).containsExactly("kept");
    }

    @Test
    void aDatabaseOfWhichADropWasInterruptedIsDropped() {
        bench.makeDatabase(NAME, List.of());
        String name = trash();
        bench.server.execute("UPDATE pg_database SET datconnlimit = -2 WHERE datname = " + Sql.literal(name));
        TrashedInstance invalid = provisioner.trash().get(0);
        assertThat(invalid.state()).isEqualTo(InstanceState.INVALID);
        assertThat(provisioner.dropTrashed(invalid, AT_ONCE)).isTrue();
        assertThat(bench.databases()).isEmpty();
    }
}

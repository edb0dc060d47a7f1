package io.instanceworker.provision;

import static java.util.Map.entry;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.instanceworker.contracts.ErrorCode;
import io.instanceworker.contracts.InstanceState;
import io.instanceworker.contracts.Operation;
import io.instanceworker.contracts.provision.AddInstance;
import io.instanceworker.contracts.provision.CopyInstance;
import io.instanceworker.contracts.provision.InstanceLock;
import io.instanceworker.contracts.provision.InstanceStatus;
import io.instanceworker.contracts.provision.Leftover;
import io.instanceworker.contracts.provision.LockRequest;
import io.instanceworker.contracts.result.InstanceInfo;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** What every engine must do; each engine's test is this with a bench of its own. */
public abstract class ProvisionerContract extends ExistingDatabaseContract {

    private static final List<String> ROWS = List.of("Grand Bend", "Glendale");

    protected InstanceStatus copy(String databaseName, String source) {
        try (InstanceLock lock = lock(databaseName)) {
            provisioner.copyInstance(lock, new CopyInstance(databaseName, source, false, mark("copy")), () -> {});
            return provisioner.instanceStatus(databaseName);
        }
    }

    @Test
    void anEmptyDatabaseIsOnlineAndMarked() {
        InstanceStatus added = add("ods_a", null, mark("job-1"));
        assertThat(added.state()).isEqualTo(InstanceState.ONLINE);
        assertThat(added.mark()).isEqualTo(mark("job-1"));
        assertThat(bench.databases()).contains("ods_a");
        assertThat(provisioner.verifyInstance("ods_a").mark()).isEqualTo(mark("job-1"));
    }

    @Test
    void aDatabaseFromATemplateHasTheRowsOfTheTemplate() {
        bench.makeTemplate("minimal_template", ROWS);
        add("ods_a", "minimal_template", mark("job-1"));
        assertThat(bench.rows("ods_a")).isEqualTo(ROWS);
    }

    @Test
    void anExistingDatabaseIsNotReplaced() {
        bench.makeTemplate("minimal_template", ROWS);
        add("ods_a", "minimal_template", mark("job-1"));
        bench.addRow("ods_a", "kept");
        Set<String> before = bench.databases();

        assertCode(ErrorCode.INSTANCE_CONFLICT, () -> add("ods_a", null, mark("job-2")));
        assertCode(ErrorCode.INSTANCE_CONFLICT, () -> copy("ods_a", "minimal_template"));

        assertThat(bench.rows("ods_a")).contains("kept");
        assertThat(provisioner.instanceStatus("ods_a").mark()).isEqualTo(mark("job-1"));
        try (InstanceLock again = lock("ods_a")) {
            assertThat(again).isNotNull();
        }
        delete("ods_a");
        assertThat(bench.databases()).isSubsetOf(before).doesNotContain("ods_a");
    }

    @Test
    void aCopyHasOnlyTheRowsOfItsSourceAtThatTime() {
        add("ods_a", null, mark("job-1"));
        bench.addRow("ods_a", "before");
        copy("ods_b", "ods_a");
        bench.addRow("ods_a", "after");
        assertThat(bench.rows("ods_b")).containsExactly("before");
        assertThat(bench.rows("ods_a")).containsExactly("before", "after");
        assertThat(provisioner.instanceStatus("ods_b").mark()).isEqualTo(mark("copy"));
    }

    @Test
    void anAbsentTemplateOrSourceIsReported() {
        assertCode(ErrorCode.TEMPLATE_NOT_FOUND, () -> add("ods_a", "absent_template", mark("job-1")));
        assertCode(ErrorCode.SOURCE_NOT_FOUND, () -> copy("ods_a", "absent"));
        assertThat(bench.databases()).isEmpty();
    }

    @Test
    void aDeleteDropsADatabaseAndAnAbsentDatabaseIsNoError() {
        add("ods_a", null, mark("job-1"));
        add("ods_b", null, mark("job-2"));
        assertThat(delete("ods_a").state()).isEqualTo(InstanceState.NOT_FOUND);
        assertThat(delete("ods_a").state()).isEqualTo(InstanceState.NOT_FOUND);
        assertThat(bench.databases()).containsExactly("ods_b");
    }

    @Test
    void statusOfAnAbsentDatabaseIsNotFound() {
        assertThat(provisioner.instanceStatus("absent")).isEqualTo(InstanceStatus.notFound("absent"));
        assertThat(provisioner.verifyInstance("absent").exists()).isFalse();
        assertThat(provisioner.instanceInfo("absent").info()).isNull();
    }

    @Test
    void infoDescribesADatabase() {
        bench.makeTemplate("minimal_template", ROWS);
        add("ods_a", "minimal_template", mark("job-1"));
        InstanceStatus status = provisioner.instanceInfo("ods_a");
        assertThat(status.state()).isEqualTo(InstanceState.ONLINE);
        InstanceInfo info = status.info();
        assertThat(info.sizes().total()).isPositive().isEqualTo(status.sizeBytes());
        assertThat(info.sizes().readable()).isNotBlank();
        assertThat(info.activeConnections()).isZero().isEqualTo(status.activeConnections());
        assertThat(info.origin())
                .isEqualTo(new InstanceInfo.Origin(mark("job-1").createdAt(), "job-1", Operation.ADD, "Minimal", null));
        assertThat(info.owner()).isNotBlank();
        assertThat(info.lastBackupAt()).as("of a new database").isNull();
        assertThat(info.engine().name()).isNotBlank();
        assertThat(info.engine().version()).isNotBlank();
    }

    @Test
    void databasesAreListedAndMeasured() {
        bench.makeTemplate("minimal_template", ROWS);
        add("ods_a", null, mark("job-1"));
        add("ods_b", null, mark("job-2"));
        assertThat(provisioner.instances())
                .extracting(InstanceStatus::databaseName)
                .containsExactlyInAnyOrder("minimal_template", "ods_a", "ods_b");
        assertThat(provisioner.measure(List.of("ods_a", "gone")))
                .singleElement()
                .satisfies(status -> {
                    assertThat(status.databaseName()).isEqualTo("ods_a");
                    assertThat(status.sizeBytes()).isPositive();
                    assertThat(status.activeConnections()).isZero();
                });
        assertThat(provisioner.measure(List.of())).isEmpty();
    }

    @Test
    void aLockExcludesOthersUntilItIsClosed() {
        try (InstanceLock held = lock("ods_a", "ods_c")) {
            assertThat(held).isNotNull();
            assertThat(tryLock(Set.of("ods_a"), Set.of())).isFalse();
            assertThat(tryLock(Set.of("ods_b"), Set.of("ods_c"))).isFalse();
            assertThat(tryLock(Set.of("ods_b"), Set.of())).isTrue();
        }
        assertThat(tryLock(Set.of("ods_a"), Set.of("ods_c"))).isTrue();
    }

    @Test
    void aRefusedLockHoldsNoLocks() {
        try (InstanceLock held = lock("ods_m")) {
            assertThat(held).isNotNull();
            assertThat(tryLock(Set.of("ods_a", "ods_m", "ods_z"), Set.of())).isFalse();
            assertThat(tryLock(Set.of("ods_a", "ods_z"), Set.of())).isTrue();
        }
    }

    @Test
    void aSharedLockPermitsReadersAndExcludesChanges() {
        LockRequest reading = new LockRequest(Set.of("ods_a"), Set.of("source"));
        try (InstanceLock first = provisioner.tryLock(reading, step -> {}).orElseThrow()) {
            assertThat(first).isNotNull();
            assertThat(tryLock(Set.of("ods_b"), Set.of("source"))).isTrue();
            assertThat(tryLock(Set.of("source"), Set.of())).isFalse();
        }
    }

    private boolean tryLock(Set<String> exclusive, Set<String> shared) {
        return provisioner
                .tryLock(new LockRequest(exclusive, shared), step -> {})
                .map(lock -> {
                    lock.close();
                    return true;
                })
                .orElse(false);
    }

    @Test
    void oneTemplateIsCopiedManyTimesAtOnce() throws Exception {
        bench.makeTemplate("minimal_template", ROWS);
        ExecutorService threads = Executors.newFixedThreadPool(4);
        try {
            List<Callable<InstanceStatus>> copies = IntStream.range(0, 8)
                    .<Callable<InstanceStatus>>mapToObj(i -> () -> copy("ods_" + i, "minimal_template"))
                    .toList();
            for (Future<InstanceStatus> copied : threads.invokeAll(copies)) {
                assertThat(copied.get().state()).isEqualTo(InstanceState.ONLINE);
            }
        } finally {
            threads.shutdown();
        }
        IntStream.range(0, 8).forEach(i -> assertThat(bench.rows("ods_" + i)).isEqualTo(ROWS));
    }

    @Test
    void theListenerIsCalledAtEachStep() {
        List<String> steps = new ArrayList<>();
        try (InstanceLock lock = provisioner
                .tryLock(new LockRequest(Set.of("ods_a"), Set.of()), steps::add)
                .orElseThrow()) {
            provisioner.addInstance(lock, new AddInstance("ods_a", null, mark("job-1")), () -> steps.add("commit"));
            provisioner.deleteInstance(lock, "ods_a");
        }
        assertThat(steps).containsSubsequence("create", "commit", "drop");
    }

    @Test
    void anAddThatFailsAtTheCommitLeavesNoDatabase() {
        try (InstanceLock lock = lock("ods_a")) {
            assertThatThrownBy(
                            () -> provisioner.addInstance(lock, new AddInstance("ods_a", null, mark("job-1")), () -> {
                                throw new IllegalStateException("the journal says no");
                            }))
                    .hasMessage("the journal says no");
        }
        assertThat(provisioner.instanceStatus("ods_a").state()).isEqualTo(InstanceState.NOT_FOUND);
        assertThat(provisioner.leftovers()).isEmpty();
    }

    @Test
    void onlyLeftoversOfACrashAreRemoved() {
        add("ods_a", null, mark("job-1"));
        String left = bench.leave("ods_a", Duration.ofHours(2));
        String other = bench.leave("ods_b", Duration.ofMinutes(1));

        Leftover leftover = leftover(left);
        assertThat(leftover.age()).isBetween(Duration.ofHours(2), Duration.ofHours(3));
        assertThat(leftover(other).age()).isBetween(Duration.ofMinutes(1), Duration.ofHours(1));
        assertThat(provisioner.leftovers()).hasSize(2);
        assertThat(provisioner.removeLeftover(leftover)).isTrue();

        assertThat(bench.databases()).containsExactlyInAnyOrder("ods_a", other);
        assertThat(provisioner.removeLeftover(leftover)).as("it is gone").isFalse();
    }

    @Test
    void aLeftoverWithALockedJobIsNotRemoved() {
        Leftover leftover = leftover(bench.leave("ods_a", Duration.ofHours(2)));
        try (InstanceLock lock = lock("ods_a")) {
            assertThat(lock).isNotNull();
            assertThat(provisioner.removeLeftover(leftover)).isFalse();
        }
        assertThat(bench.databases()).containsExactly(leftover.databaseName());
        assertThat(tryLock(Set.of("ods_a"), Set.of())).as("it holds no lock").isTrue();
        assertThat(provisioner.removeLeftover(leftover)).isTrue();
        assertThat(tryLock(Set.of("ods_a"), Set.of())).as("it holds no lock").isTrue();
        assertThat(bench.databases()).isEmpty();
    }

    @Test
    void aJobRemovesTheLeftoversOfItsDatabase() {
        bench.leave("ods_a", Duration.ofHours(2));
        bench.leave("ods_a", Duration.ZERO);
        String other = bench.leave("ods_b", Duration.ofHours(2));
        try (InstanceLock lock = lock("ods_a")) {
            provisioner.removeLeftovers(lock, "ods_a");
        }
        assertThat(bench.databases()).containsExactly(other);
    }

    /** They are no instances, so nothing but the sweep and the next job for the same database sees them. */
    @Test
    void leftoversAreNotListedAsDatabases() {
        bench.leave("ods_a", Duration.ofHours(2));
        assertThat(provisioner.instances()).isEmpty();
        assertThat(provisioner.instanceStatus("ods_a").exists()).isFalse();
    }

    private Leftover leftover(String databaseName) {
        return provisioner.leftovers().stream()
                .filter(left -> left.databaseName().equals(databaseName))
                .findFirst()
                .orElseThrow();
    }

    private static final Map<String, String> HOSTILE_NAMES = Map.ofEntries(
            entry("double quote", "a\"b"),
            entry("single quote", "a'b"),
            entry("semicolon", "a;b"),
            entry("injection", "x\"; DROP DATABASE ods_kept; --"),
            entry("injection in a literal", "x'; DROP DATABASE ods_kept; --"),
            entry("closing bracket", "a]b[c"),
            entry("backslash", "a\\'b"),
            entry("dollar quotes", "$$a$$"),
            entry("percent", "%s%n_%"),
            entry("spaces", " a b "),
            entry("leading digit", "2223_ods"),
            entry("reserved word", "SELECT"),
            entry("another reserved word", "user"),
            entry("upper and lower case", "EdFi_Ods_A"),
            entry("multi-byte", "Ünïvërsïtät_学区_🎓"),
            entry("line feed", "a\nb"),
            entry("comment", "a/*b*/--c"),
            entry("slash and question mark", "a/b?c=d&e#f"),
            entry("63 bytes", "n".repeat(63)));

    /** Each is the name of a copy, then of the next copy's source, and then of a database to drop. */
    @Test
    void everyValidNameIsUsedUnchanged() {
        add("ods_kept", null, mark("kept"));
        bench.makeTemplate("minimal_template", ROWS);
        add("ods_first", "minimal_template", mark("job-1"));

        String source = "ods_first";
        for (Map.Entry<String, String> hostile : HOSTILE_NAMES.entrySet()) {
            String kind = hostile.getKey();
            String name = hostile.getValue();
            copy(name, source);
            delete(source);
            assertThat(bench.databases()).as(kind).containsExactlyInAnyOrder("ods_kept", "minimal_template", name);
            assertThat(bench.rows(name)).as(kind).isEqualTo(ROWS);
            assertThat(provisioner.verifyInstance(name).mark()).as(kind).isEqualTo(mark("copy"));
            assertThat(provisioner.instanceInfo(name).databaseName()).as(kind).isEqualTo(name);
            assertThat(provisioner.measure(List.of(name))).as(kind).hasSize(1);
            if (bench.hasTrash()) {
                restore(trash(name));
                assertThat(bench.rows(name)).as(kind).isEqualTo(ROWS);
            }
            source = name;
        }
    }

    /** Two of them would be one database where a server shortens names. */
    @Test
    void aNameThatIsTooLongIsRefusedAndNotShortened() {
        int limit = provisioner.nameRules().maxLength();
        String tooLong = "n".repeat(limit + 1);
        String tooLongInBytes = "ü".repeat(limit / 2 + 1);
        add("n".repeat(limit), null, mark("job-1"));
        for (String name : List.of(tooLong, tooLongInBytes)) {
            if (!provisioner.nameRules().fits(name)) {
                assertCode(ErrorCode.NAME_TOO_LONG, () -> add(name, null, mark("job-2")));
                assertCode(ErrorCode.NAME_TOO_LONG, () -> delete(name));
            }
        }
        assertThat(provisioner.nameRules().fits(tooLong)).isFalse();
        assertThat(bench.databases()).containsExactly("n".repeat(limit));
    }

    @Test
    void impossibleNamesAreRefused() {
        assertCode(ErrorCode.INVALID_NAME, () -> add("", null, mark("job-1")));
        assertCode(ErrorCode.INVALID_NAME, () -> add("a\0b", null, mark("job-1")));
        assertThat(bench.databases()).isEmpty();
    }
}

package io.instanceworker.provision.sqlserver;

import io.instanceworker.contracts.ErrorCode;
import io.instanceworker.contracts.Finding;
import io.instanceworker.contracts.InstanceState;
import io.instanceworker.contracts.provision.AddInstance;
import io.instanceworker.contracts.provision.CopyInstance;
import io.instanceworker.contracts.provision.DatabaseNameRules;
import io.instanceworker.contracts.provision.InstanceLock;
import io.instanceworker.contracts.provision.InstanceProvisioner;
import io.instanceworker.contracts.provision.InstanceStatus;
import io.instanceworker.contracts.provision.JournalStore;
import io.instanceworker.contracts.provision.Leftover;
import io.instanceworker.contracts.provision.LockRequest;
import io.instanceworker.contracts.provision.OwnershipMark;
import io.instanceworker.contracts.provision.ProvisioningException;
import io.instanceworker.contracts.provision.ServerAddress;
import io.instanceworker.contracts.provision.ServerDescription;
import io.instanceworker.contracts.provision.StepListener;
import io.instanceworker.contracts.provision.TrashInstance;
import io.instanceworker.contracts.provision.TrashedInstance;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Provisions instances on one SQL Server. */
final class SqlServerInstanceProvisioner implements InstanceProvisioner {

    private static final Logger log = LoggerFactory.getLogger(SqlServerInstanceProvisioner.class);

    private final SqlServerConnections connections;
    private final SqlServerProperties properties;
    private final Collection<String> ownDatabases;
    private final SqlServerProbe probe;
    private final SqlServerJournal journal;
    private final HostingForms forms;
    private final DatabaseRemover remover;
    private final SqlServerTrash trash;
    private final ProgressWatch watch;

    /**
     * @param ownDatabases the journal's and the maintenance database, which are no instances
     * @param owner identifies the sessions of this worker process
     * @param watchPause the time between two queries for the progress of a statement
     */
    SqlServerInstanceProvisioner(
            SqlServerConnections connections,
            SqlServerProperties properties,
            Collection<String> ownDatabases,
            String owner,
            Duration watchPause) {
        this.connections = connections;
        this.properties = properties;
        this.ownDatabases = List.copyOf(ownDatabases);
        this.probe = new SqlServerProbe(connections);
        this.watch = new ProgressWatch(connections, watchPause);
        this.forms = new HostingForms(connections, properties, watch);
        this.journal = new SqlServerJournal(connections, forms, owner);
        this.remover = new DatabaseRemover(connections, journal, forms);
        this.trash = new SqlServerTrash(connections, journal, forms);
    }

    @Override
    public void probe() {
        run("Asking the server whether it answers", () -> {
            probe.run();
            connections.renewBrokenPools();
            return probe;
        });
    }

    @Override
    public Optional<JournalStore> journal() {
        return Optional.of(journal);
    }

    @Override
    public DatabaseNameRules nameRules() {
        return SqlServerNames.RULES;
    }

    @Override
    public ServerAddress address() {
        return connections.address();
    }

    @Override
    public Optional<InstanceLock> tryLock(LockRequest request, StepListener steps) {
        return run(
                "Locking",
                () -> SqlServerLock.tryLock(connections, journal, forms, request, steps)
                        .map(lock -> lock));
    }

    @Override
    public void addInstance(InstanceLock lock, AddInstance request, Runnable atCommit) {
        SqlServerNames.check(request.databaseName());
        create(
                (SqlServerLock) lock,
                atCommit,
                request.databaseName(),
                request.templateDatabase(),
                ErrorCode.TEMPLATE_NOT_FOUND,
                creator -> creator.add(request));
    }

    @Override
    public void copyInstance(InstanceLock lock, CopyInstance request, Runnable atCommit) {
        SqlServerNames.check(request.databaseName());
        SqlServerNames.check(request.sourceDatabase());
        create(
                (SqlServerLock) lock,
                atCommit,
                request.databaseName(),
                request.sourceDatabase(),
                ErrorCode.SOURCE_NOT_FOUND,
                creator -> creator.copy(request));
    }

    private void create(
            SqlServerLock lock,
            Runnable atCommit,
            String databaseName,
            @Nullable String source,
            ErrorCode whenAbsent,
            Creation creation) {
        String doing = "Creating \"" + databaseName + "\"" + (source == null ? "" : " from \"" + source + "\"");
        run(doing, () -> {
            ServerFacts facts = forms.facts(lock.session());
            properties.requireMeantFor(facts.hosting());
            HostingForm form = forms.of(lock.session());
            form.check(lock, source);
            DatabaseCreator creator = new DatabaseCreator(lock, remover, form, properties, atCommit);
            try {
                creation.with(creator);
            } catch (SQLException e) {
                throw explained(lock, e, doing, databaseName, source, whenAbsent);
            }
            return creator;
        });
    }

    private static ProvisioningException explained(
            SqlServerLock lock,
            SQLException e,
            String doing,
            String databaseName,
            @Nullable String source,
            ErrorCode whenAbsent)
            throws SQLException {
        return switch (SqlServerErrors.number(e)) {
            case SqlServerErrors.DATABASE_EXISTS ->
                SqlServerErrors.exception(
                        ErrorCode.INSTANCE_CONFLICT,
                        "A database \"" + databaseName + "\" appeared meanwhile. It is left as it is.",
                        e);
            case SqlServerErrors.NO_SUCH_DATABASE ->
                source != null && !SqlServerCatalog.exists(lock.server(), source)
                        ? SqlServerErrors.exception(
                                whenAbsent, "There is no database \"" + source + "\" to copy from.", e)
                        : SqlServerErrors.translate(doing, e);
            default -> SqlServerErrors.translate(doing, e);
        };
    }

    @Override
    public void adoptInstance(InstanceLock lock, String databaseName, OwnershipMark mark, Runnable atCommit) {
        SqlServerNames.check(databaseName);
        SqlServerLock ours = (SqlServerLock) lock;
        run("Adopting \"" + databaseName + "\"", () -> {
            SqlServerCatalog catalog = forms.of(ours.session()).catalog();
            ours.step("adopt");
            ours.commit(atCommit, () -> {
                ours.requireHeld();
                catalog.addMark(ours.server(), databaseName, mark.toJson());
            });
            ours.step("adopted");
            return databaseName;
        });
    }

    @Override
    public void trashInstance(InstanceLock lock, TrashInstance request, Runnable atCommit) {
        SqlServerNames.check(request.databaseName());
        SqlServerNames.check(request.trashName());
        run("Putting \"" + request.databaseName() + "\" into the trash", () -> {
            trash.put((SqlServerLock) lock, request, atCommit);
            return request;
        });
    }

    @Override
    public List<TrashedInstance> trash() {
        return query("the trash", trash::list);
    }

    @Override
    public void restoreInstance(InstanceLock lock, TrashedInstance trashed, Runnable atCommit) {
        SqlServerNames.check(trashed.mark().databaseName());
        run("Restoring \"" + trashed.mark().databaseName() + "\"", () -> {
            trash.restore((SqlServerLock) lock, trashed, atCommit);
            return trashed;
        });
    }

    @Override
    public boolean dropTrashed(TrashedInstance trashed, Duration retention) {
        return run("Dropping \"" + trashed.databaseName() + "\"", () -> trash.drop(trashed, retention));
    }

    @Override
    public void deleteInstance(InstanceLock lock, String databaseName) {
        SqlServerNames.check(databaseName);
        SqlServerNames.refuseTrash(databaseName);
        SqlServerLock ours = (SqlServerLock) lock;
        run("Dropping \"" + databaseName + "\"", () -> {
            ours.step("drop");
            forms.of(ours.session()).drop(ours, databaseName);
            ours.step("dropped");
            return databaseName;
        });
    }

    @Override
    public void removeLeftovers(InstanceLock lock, String databaseName) {
        run("Removing what was left of \"" + databaseName + "\"", () -> {
            SqlServerLock ours = (SqlServerLock) lock;
            remover.removeLeftovers(forms.of(ours.session()), ours, databaseName, null);
            return databaseName;
        });
    }

    @Override
    public List<Leftover> leftovers() {
        return run("Looking for leftovers", remover::leftovers);
    }

    @Override
    public boolean removeLeftover(Leftover leftover) {
        String name = leftover.databaseName();
        return run("Removing \"" + name + "\"", () -> remover.remove(name));
    }

    @Override
    public InstanceStatus instanceInfo(String databaseName) {
        return query(
                databaseName,
                connection -> forms.of(connection).catalog().info(connection, databaseName, forms.facts(connection)));
    }

    /** Also of a backup file that is a template's. Whether one is in a cloud, SQL cannot say. */
    @Override
    public InstanceStatus instanceStatus(String databaseName) {
        return query(databaseName, connection -> {
            HostingForm form = forms.of(connection);
            if (BackupFiles.isBackup(databaseName)) {
                return form.isThere(connection, databaseName)
                        ? InstanceStatus.of(databaseName, InstanceState.ONLINE, null)
                        : InstanceStatus.notFound(databaseName);
            }
            return form.catalog().status(connection, databaseName);
        });
    }

    @Override
    public InstanceStatus verifyInstance(String databaseName) {
        return query(databaseName, connection -> {
            SqlServerCatalog catalog = forms.of(connection).catalog();
            InstanceStatus status = catalog.status(connection, databaseName);
            if (catalog.mayConnect(connection, databaseName)) {
                connections.open(databaseName).close();
            } else if (status.state() == InstanceState.ONLINE) {
                log.info(
                        "The database {} was checked in the catalog only: the worker's login may not connect to it",
                        databaseName);
            }
            return status;
        });
    }

    @Override
    public List<InstanceStatus> instances() {
        return query(
                "all databases", connection -> forms.of(connection).catalog().all(connection, ownDatabases));
    }

    @Override
    public List<InstanceStatus> measure(Collection<String> databaseNames) {
        return query(
                "the sizes of databases",
                connection ->
                        forms.of(connection).catalog().measured(connection, databaseNames, forms.facts(connection)));
    }

    @Override
    public Optional<ServerDescription> describe(Collection<String> templateDatabases) {
        return query("the version and the templates", connection -> {
            ServerFacts found = forms.facts(connection);
            HostingForm form = forms.of(connection);
            Map<String, String> unusable = new HashMap<>();
            for (String template : templateDatabases) {
                if (!isThere(form, connection, template)) {
                    unusable.put(template, "it is not there, or the worker's login may not see it. Restore it first");
                }
            }
            return Optional.of(new ServerDescription(
                    "Microsoft SQL Server " + found.version() + ", " + found.edition(), unusable));
        });
    }

    @Override
    public List<Finding> diagnose(Collection<String> templateDatabases) {
        List<Finding> found = new ArrayList<>(InstanceProvisioner.super.diagnose(templateDatabases));
        if (found.stream().noneMatch(finding -> finding.isError("login"))) {
            found.addAll(query(
                    "the clock, the rights and the journal",
                    connection -> new SqlServerDiagnosis(connections, forms).of(connection)));
        }
        return found;
    }

    private static boolean isThere(HostingForm form, Connection connection, String template) throws SQLException {
        return BackupFiles.isBackup(template)
                ? form.isThere(connection, template)
                : SqlServerCatalog.exists(connection, template);
    }

    @Override
    public void close() {
        watch.close();
        probe.close();
        connections.close();
    }

    private <T> T query(String what, Query<T> query) {
        return run("Looking at \"" + what + "\"", () -> {
            try (Connection connection = connections.getForQuery()) {
                return query.with(connection);
            }
        });
    }

    private static <T> T run(String doing, Work<T> work) {
        try {
            return work.run();
        } catch (SQLException e) {
            throw SqlServerErrors.translate(doing, e);
        }
    }

    private interface Work<T> {
        T run() throws SQLException;
    }

    private interface Query<T> {
        T with(Connection connection) throws SQLException;
    }

    private interface Creation {
        void with(DatabaseCreator creator) throws SQLException;
    }
}

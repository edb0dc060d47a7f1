package io.instanceworker.provision.sqlserver.fake;

import io.instanceworker.tds.SqlError;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Azure SQL Database: what it refuses, and its copies. A copy advances with each query of {@code sys.dm_database_copies}, unless
 * the test holds it: in progress at 60 %, ended.
 */
public final class AzureStatements {

    static final String MASTER = "master";

    private static final int HALFWAY = 60;
    private static final Pattern DDL =
            Pattern.compile("\\s*(CREATE|ALTER|DROP)\\s+DATABASE\\b.*", Pattern.CASE_INSENSITIVE | Pattern.DOTALL);

    /** A row of {@code sys.dm_database_copies}. A copy that has failed stays there until its database is dropped. */
    static final class Copy {
        private final FakeDatabase source;
        private final FakeDatabase target;
        private final Backup content;
        private int percent;
        private int error;

        Copy(FakeDatabase source, FakeDatabase target) {
            this.source = source;
            this.target = target;
            content = source.backup();
        }

        FakeDatabase target() {
            return target;
        }

        int percent() {
            return percent;
        }

        int error() {
            return error;
        }

        @Nullable String errorText() {
            return error == 0 ? null : "Database copy failed with error " + error + ".";
        }
    }

    private final Model model;
    private final Map<FakeDatabase, Copy> copies = new HashMap<>();
    private final Map<String, Integer> refusedLogins = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
    private int nextError;
    private boolean held;
    private boolean hidden;

    AzureStatements(Model model) {
        this.model = model;
    }

    /** As long as they are held, copies in progress stay so. */
    public void hold(boolean hold) {
        synchronized (model) {
            held = hold;
        }
    }

    /** The next copy that advances beyond 60 % fails. */
    public void failNext(int error) {
        synchronized (model) {
            nextError = error;
        }
    }

    /** The worker's login may not see {@code sys.dm_database_copies}, so that copies advance with queries of their state. */
    public void hideCopies() {
        synchronized (model) {
            hidden = true;
        }
    }

    /** From now on logins to this database fail. */
    public void refuseLogins(String database, int error) {
        synchronized (model) {
            refusedLogins.put(database, error);
        }
    }

    /** Logins to every database succeed again. */
    public void acceptLogins() {
        synchronized (model) {
            refusedLogins.clear();
        }
    }

    void refuseLogin(String database) {
        Integer error = refusedLogins.get(database);
        if (error != null) {
            throw Errors.noAccess(error, "The login to \"" + database + "\" fails for the test.");
        }
    }

    void addTo(Rules rules) {
        rules.change("USE {name}", (session, match) -> {
            throw Errors.wrong(40508, "USE statement is not supported to switch between databases.");
        });
        for (String statement : List.of("BACKUP DATABASE", "RESTORE")) {
            rules.change(statement + " {rest}", (session, match) -> {
                throw Errors.wrong(40510, "Statement '" + statement + "' is not supported in this version.");
            });
        }
        rules.change("ALTER DATABASE {name} SET {rest}", (session, match) -> {
            throw Errors.wrong(40517, "The statement option is not supported in this version.");
        });
        String copy = "CREATE DATABASE {name} AS COPY OF {name}";
        rules.change(copy, (session, match) -> copy(session, match));
        rules.change(copy + " (SERVICE_OBJECTIVE = {value})", (session, match) -> copy(session, match));
        rules.change(
                copy + " (SERVICE_OBJECTIVE = ELASTIC_POOL(name = {name}))", (session, match) -> copy(session, match));
        rules.change(
                "CREATE DATABASE {name} (SERVICE_OBJECTIVE = {value})", (session, match) -> create(session, match));
        rules.change(
                "CREATE DATABASE {name} (SERVICE_OBJECTIVE = ELASTIC_POOL(name = {name}))",
                (session, match) -> create(session, match));
        rules.change("DROP DATABASE {name}", (session, match) -> {
            session.refuseInTransaction("DROP DATABASE");
            synchronized (model) {
                drop(session, match.name(0));
            }
        });
    }

    /** What is refused whatever else the statement says. */
    void check(SessionState session, String text) {
        if (DDL.matcher(text).matches() && !isInMaster(session)) {
            throw Errors.wrong(5001, "User must be in the master database.");
        }
    }

    static void checkBatch(List<String> batch) {
        for (String statement : batch) {
            if (DDL.matcher(statement).matches()) {
                throw Errors.wrong(40530, "The statement must be the only statement in the batch.");
            }
        }
    }

    static boolean isInMaster(SessionState session) {
        return session.database().equalsIgnoreCase(MASTER);
    }

    private void create(SessionState session, Template.Match match) {
        session.refuseInTransaction("CREATE DATABASE");
        synchronized (model) {
            model.create(match.name(0), session.session().login(), model.newFiles(match.name(0)));
        }
    }

    private void copy(SessionState session, Template.Match match) {
        session.refuseInTransaction("CREATE DATABASE");
        synchronized (model) {
            FakeDatabase source = model.open(model.existing(match.name(1)), session.session());
            if (copies.values().stream().anyMatch(copy -> copy.source == source && isRunning(copy))) {
                throw failed(40565);
            }
            String name = match.name(0);
            FakeDatabase target = model.create(name, session.session().login(), model.newFiles(name));
            target.state(State.COPYING);
            copies.put(target, new Copy(source, target));
        }
    }

    private static SqlError failed(int error) {
        return Errors.wrong(error, "Database copy failed.");
    }

    private static boolean isRunning(Copy copy) {
        return copy.target.state() == State.COPYING;
    }

    /** It ends the sessions on the database, and a copy of it or to it. */
    private void drop(SessionState session, String name) throws InterruptedException {
        FakeDatabase database = model.find(name).orElseThrow(() -> Errors.cannotDrop(name));
        if (database.isSystem()) {
            throw Errors.wrong(3708, "Cannot drop the database '" + name + "' because it is a system database.");
        }
        model.endOthersIn(database, session.session());
        copies.remove(database);
        copies.values().stream()
                .filter(copy -> copy.source == database && isRunning(copy))
                .forEach(copy -> fail(copy, 40562));
        model.remove(database);
    }

    private static void fail(Copy copy, int error) {
        copy.error = error;
        copy.target.state(State.SUSPECT);
    }

    /** The rows of {@code sys.dm_database_copies}, after the copies have advanced. */
    List<Copy> copies(SessionState session, String query) {
        boolean ofCopies = query.toLowerCase(Locale.ROOT).contains("dm_database_copies");
        if (ofCopies && !isInMaster(session)) {
            throw Errors.unknownObject("sys.dm_database_copies");
        }
        if (ofCopies && hidden) {
            throw Errors.noAccess(300, "VIEW SERVER STATE permission was denied on object 'server'.");
        }
        List<Copy> rows = List.copyOf(copies.values());
        if (ofCopies || (hidden && query.contains("SELECT d.state FROM"))) {
            rows.stream().filter(AzureStatements::isRunning).forEach(this::advance);
        }
        return List.copyOf(copies.values());
    }

    private void advance(Copy copy) {
        if (copy.percent == 0) {
            copy.percent = HALFWAY;
        } else if (!held && nextError != 0) {
            fail(copy, nextError);
            nextError = 0;
        } else if (!held) {
            copy.target.restore(copy.content);
            copy.target.state(State.ONLINE);
            copies.remove(copy.target);
        }
    }
}

package io.instanceworker.provision.sqlserver.fake;

import java.util.List;

/** Creates, changes and drops databases. */
final class DatabaseStatements {

    private final Model model;

    DatabaseStatements(Model model) {
        this.model = model;
    }

    void addTo(Rules rules) {
        rules.change("CREATE DATABASE {name}", (session, match) -> {
            session.refuseInTransaction("CREATE DATABASE");
            synchronized (model) {
                String name = match.name(0);
                model.create(name, session.session().login(), model.newFiles(name));
            }
        });
        rules.change("ALTER DATABASE {name} MODIFY NAME = {name}", (session, match) -> {
            session.refuseInTransaction("ALTER DATABASE");
            rename(session, match.name(0), match.name(1));
        });
        for (String recovery : List.of("FULL", "BULK_LOGGED", "SIMPLE")) {
            rules.change("ALTER DATABASE {name} SET RECOVERY " + recovery, (session, match) -> {
                session.refuseInTransaction("ALTER DATABASE");
                synchronized (model) {
                    altered(match.name(0)).recoveryModel(recovery);
                }
            });
        }
        rules.change("ALTER DATABASE {name} SET SINGLE_USER WITH ROLLBACK IMMEDIATE", (session, match) -> {
            session.refuseInTransaction("ALTER DATABASE");
            synchronized (model) {
                FakeDatabase database = altered(match.name(0));
                refuseIfTaken(database, session);
                database.userAccess(1);
                model.endOthersIn(database, session.session());
            }
        });
        rules.change("ALTER DATABASE {name} SET MULTI_USER WITH ROLLBACK IMMEDIATE", (session, match) -> {
            session.refuseInTransaction("ALTER DATABASE");
            synchronized (model) {
                FakeDatabase database = altered(match.name(0));
                model.endOthersIn(database, session.session());
                database.userAccess(0);
            }
        });
        rules.change("ALTER DATABASE {name} SET RESTRICTED_USER", (session, match) -> {
            session.refuseInTransaction("ALTER DATABASE");
            synchronized (model) {
                FakeDatabase database = altered(match.name(0));
                refuseIfTaken(database, session);
                database.userAccess(2);
            }
        });
        rules.change("ALTER DATABASE {name} SET READ_WRITE WITH ROLLBACK IMMEDIATE", (session, match) -> {
            session.refuseInTransaction("ALTER DATABASE");
            synchronized (model) {
                FakeDatabase database = altered(match.name(0));
                model.endOthersIn(database, session.session());
                database.readOnly(false);
            }
        });
        rules.change("DBCC CLONEDATABASE ({name}, {name}) WITH VERIFY_CLONEDB", (session, match) -> {
            session.refuseInTransaction("DBCC CLONEDATABASE");
            synchronized (model) {
                FakeDatabase source = model.open(model.existing(match.name(0)), session.session());
                String copy = match.name(1);
                model.create(copy, session.session().login(), model.newFiles(copy))
                        .cloneFrom(source);
            }
        });
        rules.change("ALTER AUTHORIZATION ON DATABASE::{name} TO {name}", (session, match) -> {
            synchronized (model) {
                changeOwner(match.name(0), match.name(1));
            }
        });
        rules.change("DROP DATABASE {name}", (session, match) -> {
            session.refuseInTransaction("DROP DATABASE");
            synchronized (model) {
                drop(match.name(0));
            }
        });
    }

    private FakeDatabase altered(String name) {
        FakeDatabase database = model.find(name).orElseThrow(() -> Errors.cannotAlter(name));
        if (database.state() == State.RESTORING) {
            throw Errors.wrong(5052, "ALTER DATABASE is not permitted while a database is in the Restoring state.");
        }
        return database;
    }

    private void refuseIfTaken(FakeDatabase database, SessionState session) {
        if (database.isSingleUser() && model.othersIn(database, session.session()) > 0) {
            throw Errors.wrong(
                    5064,
                    "Changes to the state or options of database '" + database.name()
                            + "' cannot be made at this time. The database is in single-user mode, and a user is currently connected to it.");
        }
    }

    void rename(SessionState session, String name, String newName) throws InterruptedException {
        synchronized (model) {
            FakeDatabase database = altered(name);
            if (model.isAzure()) {
                model.awaitNobodyIn(database);
            }
            if (database.isSystem()) {
                throw Errors.wrong(5077, "Cannot change the name of a system database.");
            }
            if (model.find(newName).filter(other -> other != database).isPresent()) {
                throw Errors.exists(newName);
            }
            if (model.othersIn(database, session.session()) > 0) {
                throw Errors.wrong(5030, "The database could not be exclusively locked to perform the operation.");
            }
            model.rename(database, newName, session.session());
        }
    }

    private void changeOwner(String name, String login) {
        FakeDatabase database = model.find(name).orElseThrow(() -> cannotFind("database", name));
        if (!database.isOnline()) {
            throw Errors.notOnline(database);
        }
        if (!model.logins().contains(login)) {
            throw cannotFind("login", login);
        }
        database.owner(login);
    }

    private static RuntimeException cannotFind(String kind, String name) {
        return Errors.wrong(
                15151,
                "Cannot find the " + kind + " '" + name
                        + "', because it does not exist or you do not have permission.");
    }

    private void drop(String name) {
        FakeDatabase database = model.find(name).orElseThrow(() -> Errors.cannotDrop(name));
        if (database.isSystem()) {
            throw Errors.wrong(3708, "Cannot drop the database '" + name + "' because it is a system database.");
        }
        if (model.sessionsIn(database) > 0) {
            throw Errors.wrong(3702, "Cannot drop database \"" + name + "\" because it is currently in use.");
        }
        model.remove(database);
    }
}

package io.instanceworker.provision.sqlserver.fake;

import io.instanceworker.tds.SqlError;

/** The errors of the server, as sys.messages has them. */
final class Errors {

    private static final int WRONG = 16;
    private static final int NO_RIGHT = 14;
    private static final int OBJECT = 11;

    private Errors() {}

    static SqlError wrong(int number, String message) {
        return new SqlError(number, WRONG, message);
    }

    static SqlError noAccess(int number, String message) {
        return new SqlError(number, NO_RIGHT, message);
    }

    static SqlError absent(String database) {
        return wrong(911, "Database '" + database + "' does not exist. Make sure that the name is entered correctly.");
    }

    static SqlError exists(String database) {
        return wrong(1801, "Database '" + database + "' already exists. Choose a different database name.");
    }

    static SqlError cannotAlter(String database) {
        return noAccess(
                5011,
                "User does not have permission to alter database '" + database
                        + "', the database does not exist, or the database is not in a state that allows access checks.");
    }

    static SqlError cannotDrop(String database) {
        return new SqlError(
                3701,
                OBJECT,
                "Cannot drop the database '" + database
                        + "', because it does not exist or you do not have permission.");
    }

    static SqlError cannotLogInTo(String database) {
        return new SqlError(
                4060, OBJECT, "Cannot open database \"" + database + "\" requested by the login. The login failed.");
    }

    static SqlError inTransaction(String statement) {
        return wrong(226, statement + " statement not allowed within multi-statement transaction.");
    }

    static SqlError unknownObject(String name) {
        return wrong(208, "Invalid object name '" + name + "'.");
    }

    /** Why a database that is there cannot be used. */
    static SqlError notOnline(FakeDatabase database) {
        String name = "Database '" + database.name() + "' ";
        return switch (database.state()) {
            case State.RESTORING -> noAccess(927, name + "cannot be opened. It is in the middle of a restore.");
            case State.RECOVERING -> noAccess(922, name + "is being recovered. Waiting until recovery is finished.");
            case State.RECOVERY_PENDING ->
                noAccess(
                        945, name + "cannot be opened due to inaccessible files or insufficient memory or disk space.");
            case State.SUSPECT -> noAccess(926, name + "cannot be opened. It has been marked SUSPECT by recovery.");
            default -> noAccess(942, name + "cannot be opened because it is offline.");
        };
    }

    static IllegalStateException unknown(String text) {
        return new IllegalStateException("The fake does not know: " + text);
    }
}

package io.instanceworker.provision.sqlserver;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A backup or restore that Amazon RDS does by itself.
 *
 * @param type {@code BACKUP_DB} or {@code RESTORE_DB}
 * @param lifecycle its state
 * @param info why it failed
 */
record RdsTask(
        int id,
        String type,
        String lifecycle,
        int percent,
        @Nullable String info) {

    private static final String BACKUP = "BACKUP_DB";
    private static final String RESTORE = "RESTORE_DB";

    /** The newest backup to this object or restore of this database. A later task has a higher id. */
    static Optional<RdsTask> newest(Connection session, String staging, String object) throws SQLException {
        RdsTask newest = null;
        try (Statement statement = session.createStatement();
                ResultSet row = statement.executeQuery(TSql.RDS_TASKS)) {
            while (row.next()) {
                RdsTask task = new RdsTask(
                        row.getInt("task_id"),
                        String.valueOf(row.getString("task_type")),
                        String.valueOf(row.getString("lifecycle")),
                        row.getInt("% complete"),
                        row.getString("task_info"));
                boolean ours = task.isBackup()
                        ? object.equals(row.getString("S3_object_arn"))
                        : task.type().equals(RESTORE) && staging.equalsIgnoreCase(row.getString("database_name"));
                if (ours && (newest == null || newest.id() < task.id())) {
                    newest = task;
                }
            }
        }
        return Optional.ofNullable(newest);
    }

    boolean isBackup() {
        return type.equals(BACKUP);
    }

    boolean isCancelled() {
        return lifecycle.equals("CANCELLED");
    }

    boolean hasSucceeded() {
        return lifecycle.equals("SUCCESS");
    }

    boolean isRunning() {
        return !hasSucceeded() && !isCancelled() && !lifecycle.equals("ERROR");
    }

    /**
     * How much of a copy is done, in percent.
     *
     * @param hasBackup whether a backup is half of the work; else the copy is only a restore
     */
    int percentOfCopy(boolean hasBackup) {
        if (!hasBackup) {
            return percent;
        }
        return isBackup() ? percent / 2 : ProgressWatch.BACKED_UP + percent / 2;
    }

    /** For people. */
    @Override
    public String toString() {
        return (isBackup() ? "the backup" : "the restore") + " (RDS task " + id + ") is " + lifecycle + " at " + percent
                + " %";
    }
}

package io.instanceworker.demo;

import io.instanceworker.contracts.InstanceState;
import io.instanceworker.contracts.result.JobResult;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * The same worker on a SQL Server, where the environment names one: an instance is added, copied, and both are deleted again.
 *
 * @param canCopy whether it knows BACKUP and RESTORE
 */
record SqlServerScenario(String url, String username, String password, boolean canCopy) {

    private static final String SERVER = "sqlserver";

    /** As for the tests. */
    static Optional<SqlServerScenario> given() {
        return Optional.ofNullable(System.getenv("TEST_SQLSERVER_URL"))
                .map(url -> new SqlServerScenario(
                        url,
                        System.getenv().getOrDefault("TEST_SQLSERVER_USERNAME", ""),
                        System.getenv().getOrDefault("TEST_SQLSERVER_PASSWORD", ""),
                        !System.getenv()
                                .getOrDefault("TEST_SQLSERVER_LACKS", "")
                                .contains("backup")));
    }

    Map<String, String> workerSettings() {
        Map<String, String> settings = new LinkedHashMap<>();
        String server = "instance-worker.servers." + SERVER + ".";
        settings.put(server + "platform", "sqlserver");
        // In a file of properties a backslash starts an escape.
        settings.put(server + "url", url.replace("\\", "\\\\"));
        settings.put(server + "username", username);
        settings.put(server + "password", password.replace("\\", "\\\\"));
        settings.put("instance-worker.default-server", "default");
        return settings;
    }

    void play(Desk desk) throws InterruptedException {
        desk.send(
                job("demo-mssql-1", "Add", "edfi_255901_2223", "\"template\": \"\", "),
                check(
                        "InProgress CreateInProgress",
                        "Succeeded Created",
                        InstanceState.ONLINE,
                        "it is online, on SQL Server"));
        if (canCopy) {
            desk.send(
                    job(
                            "demo-mssql-2",
                            "Copy",
                            "edfi_255901_2324",
                            "\"source\": {\"databaseName\": \"edfi_255901_2223\"}, "),
                    check(
                            "InProgress CreateInProgress",
                            "Succeeded Created",
                            InstanceState.ONLINE,
                            "restored from a backup"));
            delete(desk, "demo-mssql-3", "edfi_255901_2324");
        }
        delete(desk, "demo-mssql-4", "edfi_255901_2223");
    }

    private static void delete(Desk desk, String jobId, String database) throws InterruptedException {
        desk.send(
                job(jobId, "Delete", database, ""),
                check("InProgress DeleteInProgress", "Succeeded Deleted", InstanceState.NOT_FOUND, "it is gone"));
    }

    private static String job(String jobId, String operation, String database, String more) {
        return """
                {"jobId": "%s", "operation": "%s", "server": "%s", %s
                 "instance": {"databaseName": "%s"}}
                """.formatted(jobId, operation, SERVER, more, database);
    }

    private static Desk.Check check(String begun, String ended, InstanceState state, String remark) {
        return (Answer answer, JobResult last) -> {
            answer.expectEvents(begun, ended);
            answer.expect(
                    "state", state, last.state() == null ? null : last.state().name());
            return remark;
        };
    }
}

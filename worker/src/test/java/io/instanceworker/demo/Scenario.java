package io.instanceworker.demo;

import io.instanceworker.contracts.ErrorCode;
import io.instanceworker.contracts.InstanceState;
import io.instanceworker.contracts.result.InstanceInfo;
import io.instanceworker.contracts.result.JobResult;
import io.instanceworker.contracts.result.StateReport;
import io.instanceworker.contracts.result.StatusPage;
import java.sql.SQLException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A day of a district's instances: one is added, looked at, copied for the next year, and the copy is deleted again. */
final class Scenario {

    static final String FIRST = "edfi_255901_2223";
    private static final String NEXT_YEAR = "edfi_255901_2324";

    private final Desk desk;
    private final Databases databases;

    Scenario(Desk desk, Databases databases) {
        this.desk = desk;
        this.databases = databases;
    }

    void play() throws InterruptedException, SQLException {
        add();
        status();
        info();
        databases.change(FIRST, """
                INSERT INTO edfi.Student (StudentUniqueId, FirstName, LastSurname, BirthDate)
                VALUES ('604833', 'Imani', 'Brooks', DATE '2016-02-29')
                """);
        copy();
        statusOfAll();
        addProtected();
        addTaken();
        delete();
    }

    private void add() throws InterruptedException {
        String job = """
                {"jobId": "demo-1", "operation": "Add", "template": "Populated",
                 "instance": {"id": "1", "tenant": "255901", "name": "Grand Bend SY 2022-2023",
                              "databaseName": "edfi_255901_2223"},
                 "context": {"odsInstanceId": 1}}
                """;
        desk.send(job, (answer, last) -> {
            answer.expectEvents("InProgress CreateInProgress", "Succeeded Created");
            answer.expect("changed", true, last.changed());
            answer.expect("state", InstanceState.ONLINE, state(last));
            answer.expect("the connection string", connectionString(FIRST), last.connectionString());
            expectSame(answer, FIRST, Databases.POPULATED);
            return databases.contents(FIRST).size() + ", structure and grants are those of " + Databases.POPULATED
                    + "; the owner is " + databases.owner(FIRST);
        });
    }

    private void status() throws InterruptedException {
        String job = """
                {"jobId": "demo-2", "operation": "Status",
                 "instance": {"id": "1", "tenant": "255901", "databaseName": "edfi_255901_2223"}}
                """;
        desk.send(job, (answer, last) -> {
            answer.expectEvents("Succeeded");
            answer.expect("state", InstanceState.ONLINE, state(last));
            answer.expect(
                    "the state's code",
                    0,
                    last.state() == null ? null : last.state().code());
            return "it is online; a look changes no status";
        });
    }

    private void info() throws InterruptedException {
        String job = """
                {"jobId": "demo-3", "operation": "Info",
                 "instance": {"id": "1", "tenant": "255901", "databaseName": "edfi_255901_2223"}}
                """;
        desk.send(job, (answer, last) -> {
            answer.expectEvents("Succeeded");
            InstanceInfo info = last.info();
            if (info == null) {
                answer.mistake("there is no info");
                return "";
            }
            InstanceInfo.Origin origin = info.origin();
            InstanceInfo.Engine engine = info.engine();
            answer.expect("the size", databases.size(FIRST), info.sizes().total());
            answer.expect("the owner", databases.owner(FIRST), info.owner());
            answer.expect("the template", "Populated", origin.template());
            answer.expect("the job that made it", "demo-1", origin.createdByJob());
            answer.expect("the engine", "PostgreSQL", engine.name());
            answer.expect("the engine's version", databases.server().version(), engine.version());
            return info.sizes().readable() + ", owner " + info.owner() + ", from the template " + origin.template()
                    + " by job " + origin.createdByJob() + ", on " + engine.name() + " " + engine.version();
        });
    }

    private void copy() throws InterruptedException {
        String job = """
                {"jobId": "demo-4", "operation": "Copy", "source": {"databaseName": "edfi_255901_2223"},
                 "instance": {"id": "2", "tenant": "255901", "name": "Grand Bend SY 2023-2024",
                              "databaseName": "edfi_255901_2324"}}
                """;
        desk.send(job, (answer, last) -> {
            answer.expectEvents("InProgress CreateInProgress", "Succeeded Created");
            answer.expect("changed", true, last.changed());
            answer.expect("state", InstanceState.ONLINE, state(last));
            expectSame(answer, NEXT_YEAR, FIRST);
            return databases.contents(NEXT_YEAR).size() + " are those of " + FIRST
                    + ", where a student had been registered";
        });
    }

    private void statusOfAll() throws InterruptedException {
        desk.send("{\"jobId\": \"demo-5\", \"operation\": \"Status\"}", (answer, last) -> {
            answer.expectEvents("Succeeded");
            StatusPage page = last.page();
            if (page == null) {
                answer.mistake("there is no page");
                return "";
            }
            List<String> names = page.instances().stream()
                    .map(entry -> entry.instance().databaseName())
                    .toList();
            answer.expect("the list", databases.instances(), names);
            answer.expect("the total", names.size(), page.total());
            answer.expect(
                    "the count of ONLINE", names.size(), page.stateCounts().get(InstanceState.ONLINE));
            for (StatusPage.Entry entry : page.instances()) {
                String name = String.valueOf(entry.instance().databaseName());
                answer.expect("the size of " + name, databases.size(name), entry.sizeBytes());
            }
            return page.total() + " instances, " + page.stateCounts().get(InstanceState.ONLINE) + " of them ONLINE: "
                    + String.join(", ", names);
        });
    }

    private void addProtected() throws InterruptedException {
        String job = """
                {"jobId": "demo-6", "operation": "Add", "instance": {"databaseName": "EdFi_Admin"}}
                """;
        desk.send(job, (answer, last) -> {
            expectRefusal(answer, last, ErrorCode.PROTECTED_DATABASE);
            answer.expect("that EdFi_Admin exists", false, databases.exists("EdFi_Admin"));
            return "refused, as it must be, and nothing was made";
        });
    }

    private void addTaken() throws InterruptedException, SQLException {
        Contents before = databases.contents(FIRST);
        String job = """
                {"jobId": "demo-7", "operation": "Add", "template": "Minimal",
                 "instance": {"id": "1", "tenant": "another", "databaseName": "edfi_255901_2223"}}
                """;
        desk.send(job, (answer, last) -> {
            expectRefusal(answer, last, ErrorCode.INSTANCE_CONFLICT);
            answer.expect(
                    "what differs in " + FIRST, "", databases.contents(FIRST).differenceTo(before));
            return "refused, as it must be, and every row is still there";
        });
    }

    private void delete() throws InterruptedException {
        String job = """
                {"jobId": "demo-8", "operation": "Delete",
                 "instance": {"id": "2", "tenant": "255901", "databaseName": "edfi_255901_2324"}}
                """;
        desk.send(job, (answer, last) -> {
            answer.expectEvents("InProgress DeleteInProgress", "Succeeded Deleted");
            answer.expect("changed", true, last.changed());
            answer.expect("state", InstanceState.NOT_FOUND, state(last));
            answer.expect("the list of databases left", List.of(FIRST), databases.instances());
            return "it is gone, and " + FIRST + " is still there";
        });
    }

    private void expectSame(Answer answer, String database, String original) throws SQLException {
        expectSame(answer, databases.contents(database), databases.contents(original), original);
        answer.expect("the owner", databases.worker().username(), databases.owner(database));
        answer.expect("what is granted", databases.grants(original), databases.grants(database));
    }

    private static void expectSame(Answer answer, Contents actual, Contents expected, String original) {
        String difference = actual.differenceTo(expected);
        if (!difference.isEmpty()) {
            answer.mistake("it differs from " + original + " in " + difference);
        }
    }

    private static void expectRefusal(Answer answer, JobResult last, ErrorCode code) {
        answer.expectEvents("Error CreateError");
        answer.expect(
                "the error's code",
                code,
                last.error() == null ? null : last.error().code());
    }

    private static @Nullable InstanceState state(JobResult result) {
        StateReport state = result.state();
        return state == null ? null : state.name();
    }

    private String connectionString(String database) {
        return "host=" + databases.server().host() + ";port="
                + databases.server().port() + ";database=" + database;
    }
}

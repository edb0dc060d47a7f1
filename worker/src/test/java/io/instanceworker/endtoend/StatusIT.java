package io.instanceworker.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.Connection;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import tools.jackson.databind.JsonNode;

/** What Status tells, of one database and of all of them. */
class StatusIT {

    @RegisterExtension
    static final EndToEnd e2e = EndToEnd.onPostgres(15);

    private static Databases databases;

    @BeforeAll
    static void start() {
        databases = e2e.databases();
        databases.createTemplate(e2e.database("tpl"), 2);
        e2e.start(e2e.settings()
                        .template("default", "Minimal", e2e.database("tpl"))
                        .with("instance-worker.servers.default.default-template", "Minimal"))
                .awaitReady();
        e2e.events();
        for (int i = 1; i <= 5; i++) {
            e2e.send(JobJson.of("Add", "add-" + i, e2e.database("page_" + i))
                    .instance("id", i)
                    .instance("tenant", i % 2 == 0 ? "even" : "odd"));
        }
        for (int i = 1; i <= 5; i++) {
            e2e.events().awaitSuccess("add-" + i);
        }
        databases.create(e2e.database("page_unmanaged"));
        databases.asSuperuser("ALTER DATABASE " + e2e.database("page_2") + " ALLOW_CONNECTIONS false");
        // What an interrupted DROP leaves behind.
        databases.asSuperuser(
                "UPDATE pg_database SET datconnlimit = -2 WHERE datname = '" + e2e.database("page_3") + "'");
    }

    @Test
    void statusOfADatabaseReportsItsState() {
        Map<String, String> states = Map.of("page_1", "ONLINE", "page_2", "OFFLINE", "page_3", "INVALID");
        states.forEach((name, state) -> {
            e2e.publish(JobJson.of("Status", "of-" + name, e2e.database(name)).toString(), "job.status", Map.of());
            Event told = e2e.events().awaitSuccess("of-" + name);
            assertThat(told.state()).isEqualTo(state);
            assertThat(told.data().get("status").isNull()).isTrue();
            assertThat(told.data().get("changed").asBoolean()).isFalse();
        });
    }

    @Test
    void statusOfAnAbsentDatabaseIsNotFoundAndNoError() {
        e2e.send(JobJson.of("Status", "absent", e2e.database("absent")));

        Event told = e2e.events().awaitSuccess("absent");

        assertThat(told.state()).isEqualTo("NOT_FOUND");
        assertThat(told.data().get("isError").asBoolean()).isFalse();
        assertThat(told.routingKey()).isEqualTo("status.status.succeeded");
    }

    @Test
    void statusOfADatabaseThatIsBeingCopiedIsCopying() throws Exception {
        String copy = e2e.database("being_copied");
        try (Connection inTheWay = databases.holdUpCopies(e2e.database("page_1"))) {
            e2e.send(JobJson.of("Copy", "being-copied", copy)
                    .source(e2e.database("page_1"))
                    .instance("tenant", "odd"));
            databases.awaitCreate();

            e2e.send(JobJson.of("Status", "while-copied", copy));

            assertThat(e2e.events().awaitSuccess("while-copied").state()).isEqualTo("COPYING");
            assertThat(inTheWay.isValid(1)).isTrue();
        }
        e2e.events().awaitSuccess("being-copied");
        e2e.send(JobJson.of("Delete", "no-longer-needed", copy).instance("tenant", "odd"));
        e2e.events().awaitSuccess("no-longer-needed");
    }

    @Test
    void aStatusPageHasAllManagedDatabasesOrderedByName() {
        Event first = page(all("page-1").with("perPage", 2));
        assertThat(names(first)).containsExactly("page_1", "page_2");
        assertThat(first.data().get("page").asInt()).isEqualTo(1);
        assertThat(first.data().get("perPage").asInt()).isEqualTo(2);
        assertThat(first.data().get("total").asInt()).isEqualTo(5);
        assertThat(first.data().get("stateCounts").toString()).isEqualTo("{\"ONLINE\":3,\"OFFLINE\":1,\"INVALID\":1}");
        assertThat(first.data().get("instance").isNull()).isTrue();
        assertThat(first.json().has("subject")).isFalse();

        JsonNode entry = first.data().at("/instances/0");
        assertThat(entry.at("/instance/id").asString()).isEqualTo("1");
        assertThat(entry.at("/instance/tenant").asString()).isEqualTo("odd");
        assertThat(entry.at("/state/name").asString()).isEqualTo("ONLINE");
        assertThat(entry.get("sizeBytes").asLong()).isGreaterThan(1_000_000);
        assertThat(entry.get("activeConnections").asInt()).isZero();

        assertThat(names(page(all("page-3").with("perPage", 2).with("page", 3))))
                .containsExactly("page_5");
        Event beyond = page(all("page-9").with("perPage", 2).with("page", 9));
        assertThat(names(beyond)).isEmpty();
        assertThat(beyond.data().get("total").asInt()).isEqualTo(5);
    }

    @Test
    void aStatusPageWithoutSizesMeasuresNoDatabase() {
        Event told = page(all("no-sizes").with("sizes", false));

        assertThat(names(told)).containsExactly("page_1", "page_2", "page_3", "page_4", "page_5");
        assertThat(told.data().get("instances")).allSatisfy(entry -> {
            assertThat(entry.get("sizeBytes").isNull()).isTrue();
            assertThat(entry.get("activeConnections").isNull()).isTrue();
        });
        assertThat(told.data().at("/instances/1/state/name").asString()).isEqualTo("OFFLINE");
    }

    @Test
    void aStatusPageHasOnlyDatabasesThatMatchTheFilter() {
        assertThat(names(page(all("even").with("filter", Map.of("tenant", "even")))))
                .containsExactly("page_2", "page_4");
        assertThat(names(page(all("invalid").with("filter", Map.of("state", "invalid")))))
                .containsExactly("page_3");
        assertThat(names(page(all("prefix").with("filter", Map.of("namePrefix", e2e.database("page_4"))))))
                .containsExactly("page_4");
        assertThat(names(page(all("both").with("filter", Map.of("tenant", "odd", "state", "ONLINE")))))
                .containsExactly("page_1", "page_5");
    }

    @Test
    void aStatusPageHasUnmanagedDatabasesIfAskedFor() {
        Event told =
                page(all("unmanaged").with("all", true).with("filter", Map.of("namePrefix", e2e.database("page_"))));

        assertThat(names(told)).hasSize(6).contains("page_unmanaged");
        JsonNode unmanaged = told.data().at("/instances/5");
        assertThat(unmanaged.at("/instance/databaseName").asString()).isEqualTo(e2e.database("page_unmanaged"));
        assertThat(unmanaged.at("/instance/id").isNull()).isTrue();
    }

    /** The server is shared with other tests, which may have managed databases of their own there. */
    private static JobJson all(String jobId) {
        return JobJson.of("Status", jobId).with("filter", Map.of("namePrefix", e2e.database("")));
    }

    private static Event page(JobJson job) {
        e2e.send(job);
        return e2e.events().awaitSuccess(job.jobId());
    }

    private static List<String> names(Event event) {
        return event.data()
                .get("instances")
                .valueStream()
                .map(entry -> entry.at("/instance/databaseName").asString().replace(e2e.database(""), ""))
                .toList();
    }
}

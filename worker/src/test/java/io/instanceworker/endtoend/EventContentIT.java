package io.instanceworker.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Events that say more than usual, or have to say less. */
class EventContentIT {

    private static final int LIMIT = 4096;

    @RegisterExtension
    static final EndToEnd e2e = EndToEnd.onPostgres(15).ownBroker(Map.of("max_message_size", String.valueOf(LIMIT)));

    /** With it the job is smaller than the limit, and its events are larger. */
    private static final Map<String, String> CONTEXT = Map.of("note", "x".repeat(LIMIT - 600));

    private static final String LEFT_OUT = "The job's context was left out";

    @BeforeAll
    static void start() {
        e2e.start(e2e.settings().with("instance-worker.servers.default.properties.unsettable", "skip"))
                .awaitReady();
        e2e.events();
    }

    @Test
    void aContextThatIsTooLargeIsLeftOutOfEveryEvent() {
        String database = e2e.database("large_context");
        e2e.send(JobJson.of("Add", "large-context", database).with("context", CONTEXT));

        Event created = e2e.events().awaitSuccess("large-context");
        assertThat(e2e.events().outcomes("large-context")).containsExactly("InProgress", "Succeeded");
        assertThat(created.data().get("context").isNull()).isTrue();
        assertThat(created.data().at("/warnings/0").asString()).startsWith(LEFT_OUT);
        assertThat(created.data().get("changed").asBoolean()).isTrue();

        e2e.send(JobJson.of("Status", "large-status", database).with("context", CONTEXT));
        assertThat(e2e.events().awaitSuccess("large-status").state()).isEqualTo("ONLINE");

        e2e.send(JobJson.of("Copy", "large-error", e2e.database("copy"))
                .source(e2e.database("absent"))
                .with("context", CONTEXT));
        assertThat(e2e.events().awaitError("large-error", "SOURCE_NOT_FOUND").errorMessage())
                .contains(LEFT_OUT);
    }

    @Test
    void aSettingThatWasLeftOutOfACopyIsAWarning() {
        String source = e2e.database("source");
        e2e.send(JobJson.of("Add", "warn-source", source));
        assertThat(e2e.events().awaitSuccess("warn-source").data().has("warnings"))
                .isFalse();
        e2e.databases()
                .asSuperuser("ALTER DATABASE " + Databases.quote(source) + " SET log_min_duration_statement = 0");

        e2e.send(JobJson.of("Copy", "warn-copy", e2e.database("warned")).source(source));

        assertThat(e2e.events().awaitSuccess("warn-copy").data().get("warnings"))
                .singleElement()
                .satisfies(warning ->
                        assertThat(warning.asString()).contains("log_min_duration_statement", "It was left out."));
    }

    @Test
    void aPageThatIsTooLargeEndsWithAnErrorThatSaysSo() {
        for (int i = 0; i < 12; i++) {
            e2e.send(JobJson.of("Add", "page-" + i, e2e.database("page_" + i))
                    .instance("id", "1".repeat(140) + i)
                    .instance("tenant", "t".repeat(150)));
        }
        for (int i = 0; i < 12; i++) {
            e2e.events().awaitSuccess("page-" + i);
        }
        e2e.publish("{\"jobId\": \"large-page\", \"operation\": \"Status\"}");
        assertThat(e2e.events().awaitError("large-page", "INTERNAL_ERROR").errorMessage())
                .contains("max_message_size", "smaller pages");
        e2e.publish("{\"jobId\": \"small-page\", \"operation\": \"Status\", \"perPage\": 1}");
        e2e.events().awaitSuccess("small-page");
    }
}

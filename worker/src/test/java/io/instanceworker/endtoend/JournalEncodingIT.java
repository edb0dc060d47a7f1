package io.instanceworker.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** A journal that an administrator made in a database whose encoding has few characters. */
class JournalEncodingIT {

    @RegisterExtension
    static final EndToEnd e2e = EndToEnd.onPostgres(13);

    @Test
    void theEndOfAJobIsWrittenWhateverCharactersItHas() {
        String journal = e2e.database("latin");
        Databases databases = e2e.databases();
        databases.asSuperuser(
                "CREATE DATABASE " + Databases.quote(journal) + " TEMPLATE template0 ENCODING 'LATIN1' OWNER "
                        + Databases.quote(e2e.login().username()));
        e2e.start(e2e.settings().with("instance-worker.servers.default.journal-database", journal))
                .awaitReady();
        String database = e2e.database("polish");

        e2e.send(JobJson.of("Add", "polish", database).with("context", Map.of("town", "Łódź")));

        Event added = e2e.events().awaitSuccess("polish");
        assertThat(added.data().get("context").get("town").asString()).isEqualTo("Łódź");
        e2e.send(JobJson.of("Delete", "delete-polish", database).with("context", Map.of("town", "Łódź")));
        e2e.events().awaitSuccess("delete-polish");
    }
}

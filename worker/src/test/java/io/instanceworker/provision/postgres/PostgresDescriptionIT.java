package io.instanceworker.provision.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import io.instanceworker.contracts.provision.ServerDescription;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.ValueSource;

/** Which templates the worker could copy from is said as CREATE DATABASE itself decides it. */
@ParameterizedClass(name = "PostgreSQL {0}")
@ValueSource(ints = {11, 18})
class PostgresDescriptionIT {

    /** A superuser's. */
    private static final String FOREIGN = "a foreign \"database\"";

    @Parameter
    int major;

    private PostgresFixture bench;

    @BeforeEach
    void open() {
        bench = new PostgresFixture(major);
        bench.makeTemplate("own", List.of("row"));
        bench.run("postgres", "ALTER DATABASE own IS_TEMPLATE false");
        bench.server.execute("CREATE DATABASE " + Sql.identifier(FOREIGN));
    }

    @AfterEach
    void close() {
        bench.provisioner().close();
        bench.server.execute("ALTER DATABASE " + Sql.identifier(FOREIGN) + " IS_TEMPLATE false");
        bench.server.execute("DROP DATABASE " + Sql.identifier(FOREIGN));
        bench.close();
    }

    private ServerDescription describe(String... templates) {
        return bench.provisioner().describe(List.of(templates)).orElseThrow();
    }

    @Test
    void theDescriptionHasTheServersVersion() {
        assertThat(describe().product()).startsWith("PostgreSQL " + major + ".");
    }

    @Test
    void theDescriptionHasUnusableTemplatesWithWhatToDo() {
        assertThat(describe("own", "template1", FOREIGN, "absent").unusableTemplates())
                .containsOnlyKeys(FOREIGN, "absent")
                .hasEntrySatisfying(
                        FOREIGN,
                        text -> assertThat(text)
                                .contains(
                                        "Its owner " + bench.server.superuser().username(),
                                        "ALTER DATABASE \"a foreign \"\"database\"\"\" IS_TEMPLATE true"))
                .hasEntrySatisfying("absent", text -> assertThat(text).contains("there is no database \"absent\""));

        bench.server.execute("ALTER DATABASE " + Sql.identifier(FOREIGN) + " IS_TEMPLATE true");
        assertThat(describe(FOREIGN).unusableTemplates()).isEmpty();
    }
}

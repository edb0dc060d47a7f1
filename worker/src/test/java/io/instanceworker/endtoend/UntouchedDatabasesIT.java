package io.instanceworker.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Whatever happens to a database that nobody may touch is noticed. */
class UntouchedDatabasesIT {

    @RegisterExtension
    static final EndToEnd e2e = EndToEnd.onPostgres(15);

    private final Databases databases = e2e.databases();
    private final String name = e2e.database("bystander");
    private UntouchedDatabases bystanders;

    @BeforeEach
    void lookAtIt() {
        databases.createTemplate(name, 3);
        bystanders = new UntouchedDatabases(databases, name);
    }

    @AfterEach
    void remove() {
        databases.asSuperuser("DROP DATABASE IF EXISTS " + Databases.quote(name));
    }

    @Test
    void anUnchangedDatabaseIsNoViolation() {
        assertThat(bystanders.violations()).isEmpty();
    }

    @Test
    void aDatabaseWithANewRowIsAViolation() {
        databases.asWorker(name, "INSERT INTO edfi.school VALUES (4, 'new')");

        assertThat(bystanders.violations())
                .containsExactly("the bystander " + name + " holds something else than before");
    }

    @Test
    void aDatabaseWithANewCommentIsAViolation() {
        databases.asWorker("postgres", "COMMENT ON DATABASE " + Databases.quote(name) + " IS 'mine'");

        assertThat(violation()).endsWith("|mine");
    }

    @Test
    void aDatabaseWithAnotherOwnerIsAViolation() {
        databases.asSuperuser("ALTER DATABASE " + Databases.quote(name) + " OWNER TO postgres");

        assertThat(violation()).endsWith("|postgres|t|null");
    }

    @Test
    void aDroppedDatabaseIsAViolation() {
        databases.asSuperuser("DROP DATABASE " + Databases.quote(name));

        assertThat(violation()).endsWith(" and is gone");
    }

    @Test
    void aDatabaseDroppedAndCreatedAgainIsAViolation() {
        databases.asSuperuser("DROP DATABASE " + Databases.quote(name));
        databases.createTemplate(name, 3);

        assertThat(violation()).contains(" and is ");
    }

    private String violation() {
        List<String> violations = bystanders.violations();
        assertThat(violations).hasSize(1);
        return violations.get(0);
    }
}

package io.instanceworker.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class CancelledDropsTest {

    private static final String LOG = """
            2026-11-20 06:00:00.000 UTC [10] ERROR:  canceling statement due to statement timeout
            2026-11-20 06:00:00.000 UTC [11] ERROR:  canceling statement due to user request
            2026-11-20 06:00:00.001 UTC [11] STATEMENT:  DROP DATABASE "our_a" WITH (FORCE)
            2026-11-20 06:00:00.001 UTC [10] STATEMENT:  CREATE DATABASE "our_b"
            2026-11-20 06:00:01.000 UTC [12] ERROR:  database "our_c" is being accessed by other users
            2026-11-20 06:00:01.000 UTC [12] DETAIL:  There is 1 other session using the database.
            2026-11-20 06:00:01.000 UTC [12] STATEMENT:  DROP DATABASE "our_c"
            2026-11-20 06:00:02.000 UTC [13] ERROR:  canceling statement due to statement timeout
            2026-11-20 06:00:02.000 UTC [13] STATEMENT:  DROP DATABASE "not_our_d"
            2026-11-20 06:00:03.000 UTC [14] FATAL:  terminating connection due to administrator command
            2026-11-20 06:00:03.000 UTC [14] STATEMENT:  DROP DATABASE "our_e"
            """;

    @Test
    void onlyCancelledDropsAreViolations() {
        assertThat(CancelledDrops.violations(LOG, "our_"))
                .containsExactly("a DROP was cancelled: DROP DATABASE \"our_a\" WITH (FORCE)");
    }
}

package io.instanceworker.provision.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class SqlTest {

    @Test
    void aListOfNamesIsSetNameByName() {
        assertThat(Sql.set("db", null, "search_path=\"$user\", public, \"a\"\"b, c\""))
                .isEqualTo("ALTER DATABASE \"db\" SET \"search_path\" TO '$user', 'public', 'a\"b, c'");
    }

    /** A database's owner can set any; reading it must not overflow the stack. */
    @Test
    void aVeryLongListOfNamesIsReadToo() {
        String name = "a\"\"b".repeat(100_000);
        assertThat(Sql.set("db", null, "search_path=\"" + name + "\""))
                .endsWith(" TO '" + name.replace("\"\"", "\"") + "'");
    }
}

package io.instanceworker.messaging.deadletters;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.instanceworker.messaging.deadletters.Arguments.Action;
import io.instanceworker.messaging.deadletters.Selection.Kind;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ArgumentsTest {

    private static Arguments parse(String words) {
        return Arguments.parse(List.of(words.split(" ")));
    }

    @Test
    void understandsEachSelection() {
        assertThat(parse("dead-letters list").selection()).isEqualTo(new Selection(Kind.ALL, Set.of()));
        assertThat(parse("dead-letters replay 0123456789ab cdef01234567").selection())
                .isEqualTo(new Selection(Kind.ID, Set.of("0123456789ab", "cdef01234567")));
        assertThat(parse("dead-letters show --job-id --all --job-id j").selection())
                .isEqualTo(new Selection(Kind.JOB_ID, Set.of("--all", "j")));
        assertThat(parse("dead-letters discard --error-code DEADLOCK").selection())
                .isEqualTo(new Selection(Kind.ERROR_CODE, Set.of("DEADLOCK")));
        assertThat(parse("dead-letters --all --yes discard --json"))
                .isEqualTo(new Arguments(Action.DISCARD, new Selection(Kind.ALL, Set.of()), true, List.of()));
    }

    @Test
    void takesSettingsAsTheWorkerDoes() {
        assertThat(parse("dead-letters list --spring.rabbitmq.host=a=b").settings())
                .containsExactly("--spring.rabbitmq.host=a=b");
    }

    @ParameterizedTest
    @CsvSource({"dead-letters --help", "dead-letters replay -h", "dead-letters discard --all --help"})
    void helps(String words) {
        assertThat(parse(words).action()).isEqualTo(Action.HELP);
    }

    @ParameterizedTest
    @CsvSource({
        "live-letters list, live-letters",
        "dead-letters, What is to be done",
        "dead-letters --json, What is to be done",
        "dead-letters eat --all, eat",
        "dead-letters replay, Which messages",
        "dead-letters discard --yes, Which messages",
        "dead-letters show nightly-7, --job-id",
        "dead-letters show 0123456789AB, is no id",
        "dead-letters discard --all, --yes",
        "dead-letters replay --job-id, needs a value",
        "dead-letters replay --all 0123456789ab, Only one of",
        "dead-letters replay --job-id j --error-code E, Only one of",
        "dead-letters list --josn, --josn",
    })
    void refusesWhatMakesNoSense(String words, String why) {
        assertThatThrownBy(() -> parse(words))
                .isInstanceOf(UsageException.class)
                .hasMessageContaining(why);
    }
}

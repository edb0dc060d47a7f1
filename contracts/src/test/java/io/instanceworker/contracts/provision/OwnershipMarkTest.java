package io.instanceworker.contracts.provision;

import static org.assertj.core.api.Assertions.assertThat;

import io.instanceworker.contracts.Operation;
import io.instanceworker.contracts.testing.Any;
import java.time.Instant;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.NullSource;
import org.junit.jupiter.params.provider.ValueSource;

class OwnershipMarkTest {

    private static final String GOOD =
            "{'instanceWorker':'1.0','instanceId':'42','jobId':'j','operation':'Add','createdAt':'2026-11-20T10:00:00Z'}";
    private static final OwnershipMark MARK =
            new OwnershipMark("42", null, "j", Operation.ADD, null, null, Instant.parse("2026-11-20T10:00:00Z"));

    @Provide
    Arbitrary<OwnershipMark> marks() {
        return Any.arbitrary(any -> new OwnershipMark(
                any.name(),
                any.maybe(any::name),
                any.jobId(),
                any.of(Operation.ADD, Operation.COPY, Operation.ADOPT),
                any.maybe(any::name),
                any.maybe(any::name),
                any.instant()));
    }

    @Property
    void aWrittenMarkIsAsciiAndReadsAsItself(@ForAll("marks") OwnershipMark mark) {
        assertThat(mark.toJson()).matches("[ -~]+");
        assertThat(OwnershipMark.parse(mark.toJson())).contains(mark);
    }

    @Property
    void aTruncatedMarkIsNoMark(@ForAll("marks") OwnershipMark mark) {
        String json = mark.toJson();

        for (int length = 0; length < json.length(); length++) {
            assertThat(OwnershipMark.parse(json.substring(0, length))).isEmpty();
        }
    }

    @Property
    void anyOtherTextIsNoMark(@ForAll String text) {
        assertThat(OwnershipMark.parse(text)).isEmpty();
    }

    @Test
    void absentPropertiesAreLeftOut() {
        assertThat(MARK.toJson()).isEqualTo(quoted(GOOD));
        assertThat(OwnershipMark.parse(quoted(GOOD))).contains(MARK);
    }

    @ParameterizedTest
    @ValueSource(strings = {"'1'", "'1.7'", "'1.0'"})
    void everyMinorVersionIsRead(String version) {
        assertThat(OwnershipMark.parse(quoted(GOOD.replace("'1.0'", version)))).contains(MARK);
    }

    @Test
    void unknownPropertiesAreIgnored() {
        assertThat(OwnershipMark.parse(quoted(GOOD.replace("'jobId'", "'later':{},'jobId'"))))
                .contains(MARK);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "'instanceId':'42',",
                "'jobId':'j',",
                "'instanceWorker':'1.0',",
                "'operation':'Add',",
                ",'createdAt':'2026-11-20T10:00:00Z'"
            })
    void aMarkWithoutARequiredPropertyIsNoMark(String part) {
        assertThat(GOOD).contains(part);
        assertThat(OwnershipMark.parse(quoted(GOOD.replace(part, "")))).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "'1.0'->'2.0'",
                "'1.0'->1",
                "'1.0'->''",
                "'42'->42",
                "'42'->''",
                "'42'->null",
                "'j'->{}",
                "'Add'->'Rename'",
                "'2026-11-20T10:00:00Z'->'today'",
                "'instanceId'->'InstanceId'",
                "'jobId'->'instanceId':'43','jobId'",
                "}->} x"
            })
    void markWithABrokenPartIsNone(String change) {
        String[] fromTo = change.split("->", -1);
        assertThat(GOOD).contains(fromTo[0]);
        assertThat(OwnershipMark.parse(quoted(GOOD.replace(fromTo[0], fromTo[1]))))
                .isEmpty();
    }

    @ParameterizedTest
    @NullSource
    @ValueSource(
            strings = {"", " ", "default administrative connection database", "null", "5", "[]", "{}", "{\"a\":1}"})
    void anyOtherCommentIsNone(String comment) {
        assertThat(OwnershipMark.parse(comment)).isEmpty();
    }

    @Test
    void aMarkIsOnlyOfTheSameIdAndTenant() {
        OwnershipMark ofTenant = new OwnershipMark("42", "t", "j", Operation.ADD, null, null, MARK.createdAt());

        assertThat(MARK.isOf("42", null)).isTrue();
        assertThat(MARK.isOf("42", "t")).isFalse();
        assertThat(MARK.isOf("43", null)).isFalse();
        assertThat(ofTenant.isOf("42", "t")).isTrue();
        assertThat(ofTenant.isOf("42", "T")).isFalse();
        assertThat(ofTenant.isOf("42", null)).isFalse();
    }

    private static String quoted(String json) {
        return json.replace('\'', '"');
    }
}

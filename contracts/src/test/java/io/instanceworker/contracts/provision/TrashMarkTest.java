package io.instanceworker.contracts.provision;

import static org.assertj.core.api.Assertions.assertThat;

import io.instanceworker.contracts.provision.DatabaseNameRules.LengthUnit;
import io.instanceworker.contracts.testing.Any;
import java.time.Instant;
import java.util.Locale;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.NullSource;
import org.junit.jupiter.params.provider.ValueSource;

class TrashMarkTest {

    private static final DatabaseNameRules BYTES = new DatabaseNameRules(63, LengthUnit.UTF8_BYTES, true, "x_");
    private static final Instant DELETED = Instant.parse("2026-11-22T10:15:30.123Z");

    @Provide
    Arbitrary<TrashMark> marks() {
        return Any.arbitrary(any -> new TrashMark(
                any.name(), any.maybe(any::name), any.text(), any.jobId(), any.instant(), any.maybe(any::text)));
    }

    @Property
    void aWrittenMarkIsAsciiAndReadsAsItself(@ForAll("marks") TrashMark mark) {
        assertThat(mark.toJson()).matches("[ -~]+");
        assertThat(TrashMark.parse(mark.toJson())).contains(mark);
    }

    @Property
    void whereAnOwnershipMarkIsExpectedItCannotBeRead(@ForAll("marks") TrashMark mark) {
        assertThat(OwnershipMark.parse(mark.toJson())).isEmpty();
        assertThat(OwnershipMark.isUnreadable(mark.toJson())).isTrue();
    }

    @Property
    void aTruncatedMarkIsNoMark(@ForAll("marks") TrashMark mark) {
        String json = mark.toJson();
        for (int length = 0; length < json.length(); length++) {
            assertThat(TrashMark.parse(json.substring(0, length))).isEmpty();
        }
    }

    @ParameterizedTest
    @NullSource
    @ValueSource(
            strings = {
                "",
                "null",
                "{}",
                "a comment",
                "{\"instanceWorkerTrash\":\"2.0\",\"instanceId\":\"1\",\"databaseName\":\"a\",\"jobId\":\"j\",\"deletedAt\":\"2026-11-20T10:00:00Z\"}",
                "{\"instanceWorkerTrash\":\"1.0\",\"instanceId\":\"1\",\"databaseName\":\"a\",\"jobId\":\"j\"}"
            })
    void anyOtherTextIsNoMark(String text) {
        assertThat(TrashMark.parse(text)).isEmpty();
    }

    @Test
    void aTrashNameSaysWhenAndWhatAndIsNewEachTime() {
        String name = BYTES.trashName("edfi_100100_2223", DELETED);
        assertThat(name).matches("iw_trash_20261122T101530_[0-9a-f]{8}_edfi_100100_2223");
        assertThat(BYTES.trashName("edfi_100100_2223", DELETED)).isNotEqualTo(name);
        assertThat(BYTES.isReserved(name)).isTrue();
        assertThat(DatabaseNameRules.isTrash(name.toUpperCase(Locale.ROOT))).isTrue();
    }

    @Property
    void aTrashNameFitsAndIsNotCutWithinACharacter(@ForAll String databaseName) {
        String name = BYTES.trashName("ü学🎓" + databaseName, DELETED);
        assertThat(BYTES.fits(name)).isTrue();
        assertThat(name).contains("_ü学🎓");
        assertThat("ü学🎓" + databaseName).startsWith(name.substring("iw_trash_20261122T101530_01234567_".length()));
    }
}

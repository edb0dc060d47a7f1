package io.instanceworker.contracts.json;

import static org.assertj.core.api.Assertions.assertThat;

import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;

class ExcerptTest {

    @Test
    void ordinaryTextStaysAsItIs() {
        assertThat(Excerpt.quoted("Größe 漢 \uD83C\uDFEB")).isEqualTo("\"Größe 漢 \uD83C\uDFEB\"");
        assertThat(Excerpt.of(null)).isEmpty();
    }

    @Test
    void invisibleCharactersAreReplaced() {
        assertThat(Excerpt.of("a\r\n\u0000\u202e\ud800b")).isEqualTo("a\uFFFD\uFFFD\uFFFD\uFFFD\uFFFDb");
    }

    @Test
    void longTextIsCutBetweenCharacters() {
        String school = "\uD83C\uDFEB";

        assertThat(Excerpt.of(school.repeat(100))).isEqualTo(school.repeat(100));
        assertThat(Excerpt.of(school.repeat(101))).isEqualTo(school.repeat(100) + "…");
    }

    @Property
    void anyTextBecomesShortAndPrintable(@ForAll String text) {
        String excerpt = Excerpt.of(text);

        assertThat(excerpt.codePointCount(0, excerpt.length())).isLessThanOrEqualTo(101);
        assertThat(excerpt.codePoints().allMatch(Characters::isPrintable)).isTrue();
    }
}

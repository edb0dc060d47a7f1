package io.instanceworker.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ReportTest {

    private static final Samples ALONE = Samples.of(900, 943, 960);
    private static final Samples WORKER = Samples.of(480, 470, 490);

    private static final Report REPORT = new Report(
            Map.of("worker", "commit abc"),
            List.of(
                    Row.atLeast(0.5, "query", "Status", "jobs/s", ALONE, WORKER, Samples.of(0.51)),
                    Row.atMost(2, "takeover", "kill -9", "s", null, Samples.of(9.3, 9.6), Samples.of(9.6)),
                    Row.shown("start", "Memory", "MB", null, Samples.of(200))),
            List.of(new Series(
                    "Status", "the <worker>", List.of(new Series.Point(1_000, 480), new Series.Point(2_000, 470)))),
            List.of("One measurement was SKIPPED."));

    @TempDir
    Path folder;

    @Test
    void aGoalIsMetByAValueOnItsRightSide() {
        assertThat(Goal.atLeast(0.5, 0.5).isMet()).isTrue();
        assertThat(Goal.atLeast(0.5, 0.49).isMet()).isFalse();
        assertThat(Goal.atMost(1.03, 1.03).isMet()).isTrue();
        assertThat(Goal.atMost(1.03, 1.04).isMet()).isFalse();
        assertThat(REPORT.goals()).isEqualTo(2);
        assertThat(REPORT.unmetGoals()).isEqualTo(1);
    }

    @Test
    void theMedianOfAnEvenNumberIsBetweenTheMiddleTwo() {
        assertThat(Samples.of(4, 1, 3, 2))
                .extracting(Samples::median, Samples::min, Samples::max)
                .containsExactly(2.5, 1.0, 4.0);
    }

    @Test
    void theTableShowsMedianSpreadAndResult() {
        assertThat(Table.forTerminal(REPORT.rows()).lines())
                .hasSize(4)
                .anyMatch(line -> line.contains("943 (900..960)") && line.contains("≥ 0.50") && line.endsWith(" met"))
                .anyMatch(line -> line.contains("9.45 (9.30..9.60)") && line.endsWith("NOT MET"));
    }

    @Test
    void theJsonCanBeReadAgain() throws Exception {
        Path json = folder.resolve("new/bench.json");

        REPORT.write(json);

        assertThat(Report.read(json)).isEqualTo(REPORT);
    }

    @Test
    void thePageAndItsChartsComeFromTheReport() throws Exception {
        PerformancePage.write(REPORT, folder);

        assertThat(Files.readString(folder.resolve("docs/performance.md")))
                .contains("1 of 2 goals met", "| kill -9 | s | – |", "SKIPPED", "(images/performance-status.svg)")
                .doesNotContain("performance-adds.svg");
        Path svg = folder.resolve("docs/images/performance-status.svg");
        assertThat(DocumentBuilderFactory.newInstance()
                        .newDocumentBuilder()
                        .parse(svg.toFile())
                        .getElementsByTagName("polyline")
                        .getLength())
                .isEqualTo(1);
        assertThat(Files.readString(svg)).contains("the &lt;worker&gt;");
    }

    @Test
    void anAxisEndsAtARoundNumberThatIsLargeEnough() {
        assertThat(Chart.roundedUp(480)).isEqualTo(500);
        assertThat(Chart.roundedUp(500)).isEqualTo(500);
        assertThat(Chart.roundedUp(20_000)).isEqualTo(20_000);
        assertThat(Chart.roundedUp(0.7)).isEqualTo(1);
        assertThat(Chart.roundedUp(0)).isPositive();
    }
}

package io.instanceworker.contracts.job;

import static org.assertj.core.api.Assertions.assertThat;

import io.instanceworker.contracts.Operation;
import io.instanceworker.contracts.json.StrictJson;
import io.instanceworker.contracts.testing.ContractFiles;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class JobSamplesTest {

    static List<Path> canonical() {
        return ContractFiles.in("samples/jobs");
    }

    static List<Path> anyCase() {
        return ContractFiles.in("samples/jobs/any-case");
    }

    @ParameterizedTest
    @MethodSource("canonical")
    void canonicalSampleIsValidAndRead(Path sample) {
        assertThat(ContractFiles.jobMistakes(ContractFiles.json(sample))).isEmpty();
        assertSurvivesWriting(read(sample));
    }

    @ParameterizedTest
    @MethodSource("anyCase")
    void sampleInAnyCaseIsRead(Path sample) {
        assertSurvivesWriting(read(sample));
    }

    @Test
    void pascalCaseMeansTheSameAsCanonical() {
        Job pascal = read("any-case/pascal-case.json");
        Job canonical = read("add.json");

        assertThat(pascal)
                .usingRecursiveComparison()
                .ignoringFields("header.server", "header.context")
                .isEqualTo(canonical);
        assertThat(pascal.header().server()).isEqualTo("Default");
        assertThat(pascal.header().context()).isEqualTo(StrictJson.parseObject("{\"OdsInstanceId\": 7}"));
    }

    @Test
    void thereIsASampleOfEveryOperation() {
        assertThat(canonical().stream().map(sample -> read(sample).operation())).contains(Operation.values());
        assertThat(canonical().stream().map(JobSamplesTest::read)).hasAtLeastOneElementOfType(StatusPageJob.class);
    }

    @Test
    void numbersAreReadAsTheirDigits() {
        AddJob job = (AddJob) read("add-numeric-id.json");

        assertThat(job.jobId()).isEqualTo("4711");
        assertThat(job.instance().id()).isEqualTo("42");
    }

    @Test
    void nullsAndEmptyNamesAreAbsent() {
        AddJob job = (AddJob) read("add-nulls.json");

        assertThat(job.template()).isNull();
        assertThat(job.instance().name()).isNull();
        assertThat(job.header())
                .returns(null, JobHeader::server)
                .returns(null, JobHeader::requestedBy)
                .returns(null, JobHeader::deadline)
                .returns(null, JobHeader::context);
        assertThat(job.header().requestedAt()).isEqualTo("2026-11-20T10:00:00.123456700Z");
    }

    @Test
    void aContextIsWrittenUnchanged() {
        byte[] written = new JobWriter().write(read("add-rich-context.json"));

        assertThat(new String(written, StandardCharsets.UTF_8))
                .contains("\"amount\":1234.50", "\"big\":123456789012345678901234567890", "\"tiny\":1.5E-30");
    }

    private static void assertSurvivesWriting(Job job) {
        byte[] written = new JobWriter().write(job);

        assertThat(ContractFiles.jobMistakes(StrictJson.parseObject(new String(written, StandardCharsets.UTF_8))))
                .isEmpty();
        assertThat(new JobReader().read(written)).isEqualTo(new ReadJob.Accepted(job));
    }

    private static Job read(String sample) {
        return read(ContractFiles.bytes("samples/jobs/" + sample));
    }

    private static Job read(Path sample) {
        return read(ContractFiles.bytes(sample));
    }

    private static Job read(byte[] bytes) {
        ReadJob read = new JobReader().read(bytes);
        assertThat(read).isInstanceOf(ReadJob.Accepted.class);
        return ((ReadJob.Accepted) read).job();
    }
}

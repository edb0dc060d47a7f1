package io.instanceworker.contracts.job;

import static org.assertj.core.api.Assertions.assertThat;

import io.instanceworker.contracts.json.StrictJson;
import io.instanceworker.contracts.testing.Any;
import io.instanceworker.contracts.testing.ContractFiles;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

class JobRoundTripTest {

    @Provide
    Arbitrary<Job> jobs() {
        return Any.arbitrary(Jobs::draw);
    }

    @Provide
    Arbitrary<byte[]> bytes() {
        return Arbitraries.bytes().array(byte[].class).ofMaxSize(200);
    }

    @Property
    void writtenJobIsValidAndReadsAsItself(@ForAll("jobs") Job job) {
        byte[] written = new JobWriter().write(job);

        assertThat(ContractFiles.jobMistakes(StrictJson.parseObject(new String(written, StandardCharsets.UTF_8))))
                .isEmpty();
        assertThat(new JobReader().read(written)).isEqualTo(new ReadJob.Accepted(job));
        assertThat(new JobWriter().write(job)).isEqualTo(written);
    }

    @Property(tries = 100)
    void everyTruncationIsMalformed(@ForAll("jobs") Job job) {
        byte[] written = new JobWriter().write(job);

        for (int length = 0; length < written.length; length++) {
            assertMalformed(Arrays.copyOf(written, length));
        }
    }

    @Property
    void aDamagedJobNeverCausesAnException(@ForAll("jobs") Job job, @ForAll int position, @ForAll byte replacement) {
        byte[] damaged = new JobWriter().write(job);
        damaged[Math.floorMod(position, damaged.length)] = replacement;

        assertReadsConsistently(damaged);
    }

    @Property
    void anyBytesAreRefused(@ForAll("bytes") byte[] bytes) {
        // The shortest object that is a job is longer than what chance finds.
        assertThat(new JobReader().read(bytes)).isInstanceOf(ReadJob.Refused.class);
    }

    private static void assertMalformed(byte[] bytes) {
        assertThat(new JobReader().read(bytes)).isInstanceOfSatisfying(ReadJob.Refused.class, refused -> {
            assertThat(refused.code().name()).isEqualTo("MALFORMED_MESSAGE");
            assertThat(refused.jobId()).isNull();
        });
    }

    /** What is accepted can be written, is valid then and means the same. */
    private static void assertReadsConsistently(byte[] bytes) {
        if (new JobReader().read(bytes) instanceof ReadJob.Accepted accepted) {
            byte[] written = new JobWriter().write(accepted.job());
            assertThat(new JobReader().read(written)).isEqualTo(accepted);
        }
    }
}

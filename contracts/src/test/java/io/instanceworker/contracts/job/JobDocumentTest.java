package io.instanceworker.contracts.job;

import static org.assertj.core.api.Assertions.assertThat;

import io.instanceworker.contracts.json.StrictJson;
import io.instanceworker.contracts.testing.Any;
import io.instanceworker.contracts.testing.ContractFiles;
import java.util.Random;
import java.util.Set;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** The schema and the reader agree. */
class JobDocumentTest {

    private static final Set<String> ENUMERATED = Set.of("operation", "whenSourceBusy", "state");

    @Provide
    Arbitrary<ObjectNode> documents() {
        return Any.arbitrary(JobDocuments::draw);
    }

    @Property(tries = 500)
    void aDocumentThatIsValidForTheSchemaIsAcceptedInAnyCase(
            @ForAll("documents") ObjectNode document, @ForAll Random random) {
        document.put("jobId", "given");

        assertThat(ContractFiles.jobMistakes(document)).isEmpty();
        ReadJob read = new JobReader().read(StrictJson.write(document));
        assertThat(read).isInstanceOf(ReadJob.Accepted.class);
        assertThat(new JobReader().read(StrictJson.write(inAnyCase(document, random))))
                .isEqualTo(read);
    }

    @Property(tries = 500)
    void documentsWithoutJobIdAreAcceptedToo(@ForAll("documents") ObjectNode document) {
        assertThat(ContractFiles.jobMistakes(document)).isEmpty();
        assertThat(new JobReader().read(StrictJson.write(document))).isInstanceOf(ReadJob.Accepted.class);
    }

    @Property(tries = 20)
    void mutatedDocumentsAreRefusedBySchemaAndReader(@ForAll("documents") ObjectNode document) {
        for (JobMutation mutation : JobMutation.all()) {
            ObjectNode mutated = mutation.applyTo(document);

            assertThat(ContractFiles.jobMistakes(mutated))
                    .as(mutation.toString())
                    .isNotEmpty();
            assertThat(new JobReader().read(StrictJson.write(mutated)))
                    .as(mutation.toString())
                    .isInstanceOfSatisfying(
                            ReadJob.Refused.class,
                            refused -> assertThat(refused.message()).contains(mutation.property()));
        }
    }

    private static ObjectNode inAnyCase(ObjectNode object, Random random) {
        ObjectNode changed = StrictJson.newObject();
        for (var property : object.properties()) {
            String name = property.getKey();
            JsonNode value = property.getValue();
            if (name.equals("context")) {
                changed.set(anyCase(name, random), value);
            } else if (value instanceof ObjectNode inner) {
                changed.set(anyCase(name, random), inAnyCase(inner, random));
            } else if (ENUMERATED.contains(name) && value.isString()) {
                changed.put(anyCase(name, random), anyCase(value.stringValue(), random));
            } else {
                changed.set(anyCase(name, random), value);
            }
        }
        return changed;
    }

    /** Only of ASCII letters, so that what is not known stays different from what is. */
    private static String anyCase(String text, Random random) {
        return text.codePoints()
                .map(c -> c < 128 && random.nextBoolean() ? Character.toUpperCase(c) : c)
                .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
                .toString();
    }
}

package io.instanceworker.messaging;

import static org.assertj.core.api.Assertions.assertThat;

import io.instanceworker.contracts.ErrorCode;
import io.instanceworker.contracts.job.JobReader;
import io.instanceworker.contracts.job.ReadJob;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.amqp.core.MessageProperties;

class PublishersTest {

    private static final String DELETE =
            "{\"jobId\": \"d\", \"operation\": \"Delete\", \"instance\": {\"databaseName\": \"ods\"}}";
    private static final String DISCONNECT = "{\"operation\": \"Copy\", \"instance\": {\"databaseName\": \"ods\"},"
            + " \"source\": {\"databaseName\": \"other\"}, \"whenSourceBusy\": \"disconnect\"}";
    private static final String ADOPT =
            "{\"operation\": \"Adopt\", \"instance\": {\"id\": \"1\", \"databaseName\": \"ods\"}}";

    private final Publishers publishers = new Publishers(List.of("admin-api", "operator"), "worker");

    private static ReadJob read(String job) {
        return new JobReader().read(job.getBytes(StandardCharsets.UTF_8));
    }

    /** A message as a worker receives it. */
    private static MessageProperties from(String user, String header) {
        MessageProperties properties = new MessageProperties();
        properties.setReceivedUserId(user);
        if (header != null) {
            properties.setHeader("iw-publisher", header);
        }
        return properties;
    }

    private boolean accepts(String job, MessageProperties properties) {
        return publishers.checked(read(job), properties) instanceof ReadJob.Accepted;
    }

    /** What a worker receives after a worker has published the message again. */
    private MessageProperties again(MessageProperties received) {
        MessageProperties copy = new MessageProperties();
        copy.getHeaders().putAll(received.getHeaders());
        publishers.name(copy, received);
        return from(copy.getUserId(), copy.getHeader("iw-publisher"));
    }

    @ParameterizedTest
    @CsvSource({"admin-api,", "operator,", "admin-api,mallory", "worker,admin-api"})
    void aDestructiveJobOfAListedPublisherIsAccepted(String user, String header) {
        MessageProperties received = from(user, header);
        for (String job : List.of(DELETE, DISCONNECT, ADOPT)) {
            assertThat(accepts(job, received)).isTrue();
            assertThat(accepts(job, again(received))).isTrue();
            assertThat(accepts(job, again(again(received)))).isTrue();
        }
    }

    @ParameterizedTest
    @CsvSource({",", ",admin-api", "mallory,", "mallory,admin-api", "worker,", "worker,mallory", "Admin-API,"})
    void aDestructiveJobOfAnyOtherPublisherIsRefused(String user, String header) {
        MessageProperties received = from(user, header);
        for (String job : List.of(DELETE, DISCONNECT, ADOPT)) {
            assertThat(accepts(job, received)).isFalse();
            assertThat(accepts(job, again(received))).isFalse();
            assertThat(accepts(job, again(again(received)))).isFalse();
        }
    }

    @Test
    void theReasonSaysWhoThePublisherIsAndNotWhoMay() {
        ReadJob.Refused refused = (ReadJob.Refused) publishers.checked(read(DELETE), from("mallory", "admin-api"));

        assertThat(refused.code()).isEqualTo(ErrorCode.INVALID_REQUEST);
        assertThat(refused.jobId()).isEqualTo("d");
        assertThat(refused.message()).contains("Delete", "from \"mallory\"").doesNotContain("admin-api");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"operation\": \"Add\", \"instance\": {\"databaseName\": \"ods\"}}",
                "{\"operation\": \"Copy\", \"instance\": {\"databaseName\": \"ods\"},"
                        + " \"source\": {\"databaseName\": \"other\"}}",
                "{\"operation\": \"Info\", \"instance\": {\"databaseName\": \"ods\"}}",
                "{\"operation\": \"Status\"}"
            })
    void anyOtherJobIsAcceptedFromEveryPublisher(String job) {
        assertThat(accepts(job, from(null, null))).isTrue();
        assertThat(accepts(job, from("mallory", null))).isTrue();
    }

    @Test
    void withoutTheSettingEveryJobIsAcceptedAndNoUserIdIsSet() {
        Publishers everybody = new Publishers(List.of(), "worker");
        MessageProperties copy = new MessageProperties();
        everybody.name(copy, from("admin-api", null));

        assertThat(everybody.checked(read(DELETE), from(null, null))).isInstanceOf(ReadJob.Accepted.class);
        assertThat(copy.getUserId()).isNull();
        assertThat(copy.getHeaders()).isEmpty();
    }
}

package io.instanceworker.messaging;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.instanceworker.contracts.ErrorCode;
import io.instanceworker.contracts.InstanceRef;
import io.instanceworker.contracts.Operation;
import io.instanceworker.contracts.result.JobError;
import io.instanceworker.contracts.result.JobFacts;
import io.instanceworker.contracts.result.JobResult;
import io.instanceworker.contracts.result.OutcomeKind;
import io.instanceworker.job.AbandonedException;
import io.instanceworker.job.Ticket;
import io.instanceworker.messaging.EndedJobs.Ended;
import io.instanceworker.messaging.EndedJobs.Past;
import io.instanceworker.testing.Servers;
import io.instanceworker.testing.VirtualHost;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.springframework.amqp.AmqpConnectException;
import org.springframework.amqp.core.Message;
import org.springframework.amqp.core.Queue;
import org.springframework.amqp.rabbit.connection.CachingConnectionFactory;
import org.springframework.amqp.rabbit.connection.CachingConnectionFactory.ConfirmType;
import org.springframework.amqp.rabbit.connection.CorrelationData;
import org.springframework.amqp.rabbit.core.RabbitAdmin;
import org.springframework.amqp.rabbit.core.RabbitTemplate;

/** The log of ended jobs in a real stream. */
class EndedJobsIT {

    private static final int MORE_THAN_ARE_SENT_AT_ONCE = 500;

    private static VirtualHost host;
    private static CachingConnectionFactory connections;
    private static EndedJobs jobs;

    private final Instant now = Instant.now().truncatedTo(ChronoUnit.MILLIS);
    private final String message = UUID.randomUUID().toString();

    @BeforeAll
    static void start() {
        host = Servers.rabbit().createVirtualHost("EndedJobsIT");
        connections = new CachingConnectionFactory(host.connectionFactory());
        connections.setPublisherConfirmType(ConfirmType.CORRELATED);
        connections.setPublisherReturns(true);
        RabbitAdmin admin = new RabbitAdmin(connections);
        Topology.declarables(List.of(Duration.ofSeconds(1)), true).getDeclarablesByType(Queue.class).stream()
                .filter(queue -> queue.getName().equals(Topology.ENDED))
                .forEach(admin::declareQueue);
        RabbitTemplate rabbit = new RabbitTemplate(connections);
        rabbit.setMandatory(true);
        jobs = new EndedJobs(connections, publisher(rabbit), Clock.systemUTC());
    }

    @AfterAll
    static void stop() {
        connections.destroy();
        host.close();
    }

    private static ConfirmedPublisher publisher(RabbitTemplate rabbit) {
        return new ConfirmedPublisher(rabbit, connections::resetConnection, ConfirmedPublisher.CONFIRM_EXPECTED);
    }

    private Ticket ticket(int attempt, int waits) {
        return ticket(attempt, waits, now);
    }

    private static Ticket ticket(int attempt, int waits, Instant received) {
        return new Ticket(attempt, 1, 5, waits, 0, true, null, received, null);
    }

    private JobFacts facts(OutcomeKind outcome) {
        return new JobFacts(
                "job",
                Operation.ADD,
                "default",
                InstanceRef.NONE,
                1,
                5,
                JobFacts.sequence(1, outcome),
                now,
                now,
                "worker-0",
                null,
                null);
    }

    private Ended error(ErrorCode code) {
        return new Ended(new JobResult.Error(facts(OutcomeKind.ERROR), new JobError(code, "why", null, null)), true);
    }

    private Ended success() {
        return new Ended(new JobResult.Succeeded(facts(OutcomeKind.SUCCEEDED), true, null, null, null, null), false);
    }

    private static String run() {
        return UUID.randomUUID().toString();
    }

    private Past again(Ticket ticket) {
        return jobs.beginAgain(run(), message, ticket, null, null);
    }

    private Ended end(Ended ended, Ticket ticket) {
        return jobs.end(message, ended, ticket, now, null);
    }

    @Test
    void aMessageThatHasNotEndedIsRunAgainAndItsRunsAreCounted() {
        jobs.begin(run(), message, ticket(1, 0));
        assertThat(again(ticket(1, 0))).isEqualTo(new Past(Optional.empty(), 1, false, now));
        assertThat(again(ticket(1, 0)).runs()).isEqualTo(2);
        assertThat(again(ticket(1, 1)).runs()).as("it came to something").isZero();
    }

    @Test
    void theEndThatIsWrittenFirstIsToldByEverybody() {
        jobs.begin(run(), message, ticket(1, 0));
        Ended first = error(ErrorCode.INSTANCE_CONFLICT);
        assertThat(end(first, ticket(1, 0))).isEqualTo(first);
        assertThat(end(error(ErrorCode.DEADLINE_EXCEEDED), ticket(1, 0))).isEqualTo(first);
        assertThat(again(ticket(1, 0)).ended()).contains(first);
    }

    @Test
    void aMessageThatIsSentOnceMoreBeginsAnew() {
        jobs.begin(run(), message, ticket(1, 0));
        end(error(ErrorCode.INSTANCE_CONFLICT), ticket(1, 0));
        Instant later = now.plusSeconds(1);
        jobs.begin(run(), message, ticket(1, 0, later));
        assertThat(again(ticket(1, 0)).ended()).isEmpty();
        Ended second = error(ErrorCode.DEADLINE_EXCEEDED);
        assertThat(end(second, ticket(1, 0, later))).isEqualTo(second);
    }

    @Test
    void anEndBeforeAReplayIsNotTheReplays() {
        jobs.begin(run(), message, ticket(1, 0));
        end(error(ErrorCode.DEADLOCK), ticket(1, 0));
        assertThat(again(new Ticket(2, 2, 6, 0, 0, true, null, now, null)).ended())
                .isEmpty();
    }

    /** One job id may stand in several jobs; the messages are others. */
    @Test
    void anotherMessagesEndIsNotThisOnes() {
        jobs.begin(run(), message, ticket(1, 0));
        jobs.begin(run(), "another", ticket(1, 0));
        jobs.end("another", error(ErrorCode.INSTANCE_CONFLICT), ticket(1, 0), now, null);
        jobs.beginAgain(run(), "another", ticket(2, 0), null, null);
        assertThat(again(ticket(1, 0))).isEqualTo(new Past(Optional.empty(), 1, false, now));
    }

    @Test
    void aMessageWhoseSuccessorWasTakenIsOvertaken() {
        jobs.begin(run(), message, ticket(1, 0));
        again(ticket(1, 1));
        assertThat(again(ticket(1, 0)).overtaken()).as("by one that waited").isTrue();
        assertThat(again(ticket(1, 1)).overtaken()).isFalse();
        again(ticket(2, 0));
        assertThat(again(ticket(1, 1)).overtaken()).as("by the next attempt").isTrue();
        assertThat(again(ticket(2, 0)).overtaken()).isFalse();
    }

    /** The same bytes were sent twice; the earlier message is still under way. */
    @Test
    void anEarlierMessageOfTheSameBytesNeitherEndsNorOvertakesTheLater() {
        jobs.begin(run(), message, ticket(1, 0));
        Instant later = now.plusSeconds(1);
        jobs.begin(run(), message, ticket(1, 0, later));
        jobs.beginAgain(run(), message, ticket(4, 0), now, now);
        jobs.end(message, error(ErrorCode.INSTANCE_CONFLICT), ticket(4, 0), now, now);

        assertThat(again(ticket(1, 0))).as("redelivered").isEqualTo(new Past(Optional.empty(), 1, false, later));
        assertThat(jobs.beginAgain(run(), message, ticket(2, 0, later), later, later))
                .as("from a wait tier")
                .isEqualTo(new Past(Optional.empty(), 0, false, later));
        Ended own = error(ErrorCode.DEADLINE_EXCEEDED);
        assertThat(jobs.end(message, own, ticket(2, 0, later), later, later)).isEqualTo(own);
    }

    @Test
    void aLaterMessageOfTheSameBytesDoesNotHideTheEarliersEnd() {
        jobs.begin(run(), message, ticket(1, 0));
        Ended first = error(ErrorCode.INSTANCE_CONFLICT);
        jobs.end(message, first, ticket(2, 0), now, now);
        jobs.begin(run(), message, ticket(1, 0, now.plusSeconds(1)));

        assertThat(jobs.beginAgain(run(), message, ticket(2, 0), now, now).ended())
                .contains(first);
    }

    @Test
    void aMessageThatNoWorkerHadInThisFormHasNoDeathsAndIsNotOvertaken() {
        Ended ended = error(ErrorCode.INSTANCE_CONFLICT);
        assertThat(new Past(Optional.of(ended), 3, true, now).asDeliveredFirst())
                .isEqualTo(new Past(Optional.of(ended), 0, false, now));
    }

    /** @param away whether it is at the next message */
    private static EndedJobs overABrokerThatIs(AtomicBoolean away) {
        RabbitTemplate template = new RabbitTemplate(connections) {
            @Override
            public void send(String exchange, String routingKey, Message sent, CorrelationData correlation) {
                if (away.getAndSet(false)) {
                    throw new AmqpConnectException(new IOException("away"));
                }
                super.send(exchange, routingKey, sent, correlation);
            }
        };
        template.setMandatory(true);
        return new EndedJobs(connections, publisher(template), Clock.systemUTC());
    }

    /** Meanwhile another worker may have come to be able to do what this one could not. What was done stays done. */
    @Test
    void aFailureThatIsNotWrittenDownAtTheFirstTryIsAbandonedAndASuccessIsNot() {
        AtomicBoolean away = new AtomicBoolean();
        EndedJobs late = overABrokerThatIs(away);
        late.begin(run(), message, ticket(1, 0));
        away.set(true);
        assertThatThrownBy(() -> late.end(message, error(ErrorCode.INSTANCE_CONFLICT), ticket(1, 0), null, null))
                .isInstanceOf(AbandonedException.class);
        away.set(true);
        Ended done = success();
        assertThat(late.end(message, done, ticket(1, 0), null, null)).isEqualTo(done);
        assertThat(again(ticket(1, 0)).ended()).hasValue(done);
    }

    /** Meanwhile the broker may have given the message to another worker, which has ended the job. */
    @Test
    void aBeginningThatIsNotTakenAtTheFirstTryIsAbandoned() {
        AtomicBoolean away = new AtomicBoolean();
        EndedJobs late = overABrokerThatIs(away);
        away.set(true);
        assertThatThrownBy(() -> late.begin(run(), message, ticket(1, 0))).isInstanceOf(AbandonedException.class);
        away.set(true);
        assertThatThrownBy(() -> late.beginAgain(run(), message, ticket(1, 0), null, null))
                .isInstanceOf(AbandonedException.class);
        assertThat(again(ticket(1, 0)).runs()).as("no death").isZero();
        late.begin(run(), message, ticket(1, 0));
        assertThat(again(ticket(1, 0)).runs())
                .as("those that were not given back")
                .isEqualTo(2);
    }

    /** As where its confirm was lost: it is in the log nevertheless. */
    @Test
    void aRunThatWasGivenBackIsNoDeath() {
        jobs.begin(run(), message, ticket(1, 0));
        String run = run();
        jobs.beginAgain(run, message, ticket(1, 0), null, null);
        jobs.giveBack(run, message, now, false);
        assertThat(again(ticket(1, 0)).runs()).isEqualTo(1);
    }

    /** It was written down by a worker that had been held up, while another had the message. */
    @Test
    void aBeginningThatWasGivenBackHidesNoEnd() {
        jobs.beginAgain(run(), message, ticket(1, 0), null, null);
        Ended ended = error(ErrorCode.INSTANCE_CONFLICT);
        jobs.end(message, ended, ticket(1, 0), null, null);
        Instant later = now.plusSeconds(1);
        String run = run();
        jobs.begin(run, message, ticket(1, 0, later));
        jobs.giveBack(run, message, later, false);
        assertThat(again(ticket(1, 0, later)).ended()).contains(ended);

        jobs.giveBack(run, message, later, true);
        assertThat(again(ticket(1, 0, later)).ended())
                .as("unless no other worker can have had it")
                .isEmpty();
    }

    @Test
    void onlyTheLatestOfManyMessagesOfTheSameBytesCounts() {
        for (int i = 0; i < 10; i++) {
            Instant received = now.plusSeconds(i);
            jobs.begin(run(), message, ticket(1, 0, received));
            jobs.end(message, error(ErrorCode.INSTANCE_CONFLICT), ticket(1, 0, received), null, null);
        }
        Instant last = now.plusSeconds(10);
        jobs.begin(run(), message, ticket(1, 0, last));
        assertThat(again(ticket(1, 0, last))).isEqualTo(new Past(Optional.empty(), 1, false, last));
    }

    /** A worker that was held up wrote down only then that it had had the message. */
    @Test
    void aBeginningThatIsWrittenLateHidesNoEnd() {
        Instant later = now.plusSeconds(1);
        jobs.beginAgain(run(), message, ticket(1, 0, later), null, null);
        Ended ended = error(ErrorCode.INSTANCE_CONFLICT);
        jobs.end(message, ended, ticket(1, 0, later), null, null);
        jobs.begin(run(), message, ticket(1, 0));
        assertThat(again(ticket(1, 0)).ended()).contains(ended);
    }

    /** Or each of them would end by itself. */
    @Test
    void aMessageWhoseBeginningIsNotThereIsKnownByItsFirstRun() {
        assertThat(again(ticket(1, 0, now.plusSeconds(1))).firstReceivedAt()).isNull();
        assertThat(again(ticket(1, 0, now.plusSeconds(2))).firstReceivedAt()).isEqualTo(now.plusSeconds(1));
        jobs.begin(run(), message, ticket(1, 0));
        assertThat(again(ticket(1, 0, now.plusSeconds(3))).firstReceivedAt())
                .as("one that is written down late changes nothing")
                .isEqualTo(now.plusSeconds(1));
    }

    /** Their redeliveries are told by when a worker first had them. */
    @Test
    void theRunsOfOthersOfTheSameBytesAreNoDeaths() {
        jobs.beginAgain(run(), message, ticket(1, 1), now, now);
        Instant later = now.plusSeconds(1);
        assertThat(jobs.beginAgain(run(), message, ticket(1, 1, later), later, later)
                        .runs())
                .isZero();
        assertThat(jobs.beginAgain(run(), message, ticket(1, 1), now, now).runs())
                .isEqualTo(1);
    }

    @Test
    void readsOnHoweverMuchIsThere() {
        jobs.begin(run(), message, ticket(1, 0));
        for (int i = 0; i < MORE_THAN_ARE_SENT_AT_ONCE; i++) {
            jobs.begin(run(), "another", ticket(1, 0));
        }
        assertThat(again(ticket(1, 0)).runs()).isEqualTo(1);
    }

    /** It looks for what is written now behind the end of the log, finds nothing, and then looks from the beginning. */
    @Test
    void findsItWithAClockThatIsFastToo() {
        jobs.begin(run(), message, ticket(1, 0));
        Past past = jobs.beginAgain(run(), message, ticket(1, 0), now.plus(Duration.ofHours(1)), null);
        assertThat(past.runs()).isEqualTo(1);
    }
}

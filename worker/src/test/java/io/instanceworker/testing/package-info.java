/**
 * Real servers for the tests: one given by environment, one in a container, or one from programs on this machine.
 *
 * <p>The environment may say otherwise:
 *
 * <ul>
 *   <li>{@code INSTANCE_WORKER_TEST_POSTGRES_<MAJOR>_URL}, {@code …_USERNAME}, {@code …_PASSWORD}: a server of that
 *       major version and its superuser
 *   <li>{@code INSTANCE_WORKER_TEST_RABBITMQ_URI}, {@code INSTANCE_WORKER_TEST_RABBITMQ_MANAGEMENT}: a broker
 *       ({@code amqp://user:password@host:port}, an administrator) and the URL of its management
 *   <li>{@code INSTANCE_WORKER_TEST_RABBITMQ_IMAGE}: the image of a broker in a container
 *   <li>{@code INSTANCE_WORKER_TEST_CONTAINERS=off}: local programs even where Docker runs
 * </ul>
 */
@NullMarked
package io.instanceworker.testing;

import org.jspecify.annotations.NullMarked;

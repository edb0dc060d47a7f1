/** How a command of {@code instancectl} uses RabbitMQ: connects, sends jobs, and receives events. */
@NullMarked
package io.instanceworker.messaging.client;

import org.jspecify.annotations.NullMarked;

package io.instanceworker.cli;

import io.instanceworker.contracts.job.Job;
import tools.jackson.databind.node.ObjectNode;

/**
 * A row of a file of jobs.
 *
 * @param line where it is in the file, from 1
 * @param message the job in the JSON of the contract
 */
record JobRow(int line, ObjectNode message, Job job) {}

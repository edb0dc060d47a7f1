/**
 * A fake SQL Server: it speaks the Tabular Data Stream protocol (TDS 7.4) to real clients, and what it answers comes from a
 * {@link io.instanceworker.tds.SqlHandler}. The protocol is as the document [MS-TDS] of Microsoft's Open Specifications has it.
 */
@org.jspecify.annotations.NullMarked
package io.instanceworker.tds;

/** What the tests of several packages share. */
package io.instanceworker.contracts.testing;

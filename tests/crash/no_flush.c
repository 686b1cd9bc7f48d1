/* Sabotage for LD_PRELOAD: flushing does nothing and says it did. */
int fsync(int file) { (void)file; return 0; }
int fdatasync(int file) { (void)file; return 0; }

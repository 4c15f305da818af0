/** The most bytes of a file that Signal's apps send and take. */
export const LONGEST_FILE = 100 * 1024 * 1024;

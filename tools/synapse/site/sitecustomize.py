# Python loads this by itself before a program whose PYTHONPATH names the folder. Synapse collects garbage in its own
# time once it runs; while its modules load there is none, and looking for it takes a tenth of the start.
import gc

gc.disable()
